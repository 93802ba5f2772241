import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EntropyCoefSchedule, PositiveWeightSchedule } from '../../src/recipe/recipe';
import {
  entropyTarget,
  nextEntropyCoef,
  nextPositiveWeight,
  saturated,
} from '../../src/rl/schedule';

/** The weights of a whole run, given the entropy of each step's rollouts. */
function weights(
  schedule: PositiveWeightSchedule,
  entropies: readonly number[],
  base = 1,
): number[] {
  let state: number | null = null;
  return entropies.map((entropy, i) => {
    const next = nextPositiveWeight(schedule, state, {
      step: i + 1,
      steps: entropies.length,
      entropy,
      baseEntropy: entropies[0],
      base,
    });
    state = next.state;
    return next.weight;
  });
}

const steps = (n: number) => new Array<number>(n).fill(0.5);

test('constant keeps what is set, and a moved slider at once', () => {
  expect(weights({ kind: 'constant' }, steps(3), 0.25)).toEqual([0.25, 0.25, 0.25]);
  const moved = nextPositiveWeight({ kind: 'constant' }, null, {
    step: 2,
    steps: 3,
    entropy: 1,
    baseEntropy: 1,
    base: -1,
  });
  expect(moved.weight).toBe(-1);
});

test('stage: nothing in the first half, then a straight line to 1 at the last step', () => {
  expect(weights({ kind: 'stage' }, steps(8))).toEqual([0, 0, 0, 0, 0.25, 0.5, 0.75, 1]);
  expect(weights({ kind: 'stage' }, steps(1))).toEqual([1]);
});

test('epoch: (e - 1) / (E - 1) in each of E equal parts', () => {
  expect(weights({ kind: 'epoch', epochs: 3 }, steps(6))).toEqual([0, 0, 0.5, 0.5, 1, 1]);
  expect(weights({ kind: 'epoch', epochs: 2 }, steps(5))).toEqual([0, 0, 0, 1, 1]);
});

test('entropy-guided: up while entropy is at or above the target, down below it, seen one step later', () => {
  const schedule = { kind: 'entropy-guided', target: 0.4, delta: 0.25, initial: 0.5 } as const;
  expect(weights(schedule, [0.9, 0.4, 0.39, 0.1, 0.1, 0.1, 0.1, 0.5])).toEqual([
    0.5, 0.75, 1, 0.75, 0.5, 0.25, 0, 0,
  ]);
});

test('entropy-guided: an entropy that is not a number leaves the weight alone', () => {
  const schedule = { kind: 'entropy-guided', target: 0.4, delta: 0.25, initial: 0.5 } as const;
  expect(weights(schedule, [Number.NaN, 1])).toEqual([0.5, 0.5]);
});

test('entropy-guided-relative: the target is a share of the entropy of the first step', () => {
  const schedule = {
    kind: 'entropy-guided-relative',
    fraction: 0.5,
    delta: 0.25,
    initial: 0.25,
  } as const;
  // Target 0.4. At the first step entropy is above it, as it is whenever the fraction is below 1.
  expect(weights(schedule, [0.8, 0.6, 0.4, 0.39, 0.1, 0.9])).toEqual([
    0.25, 0.5, 0.75, 1, 0.75, 0.5,
  ]);
  // A fraction of 1 holds the entropy where it began.
  expect(weights({ ...schedule, fraction: 1 }, [0.8, 0.79, 0.79])).toEqual([0.25, 0.5, 0.25]);
  expect(weights(schedule, [Number.NaN, 1])).toEqual([0.25, 0.25]);
});

test('the target in nats of each schedule', () => {
  const rest = { delta: 0.1, initial: 0 };
  expect(entropyTarget({ kind: 'entropy-guided', target: 0.3, ...rest }, 2)).toBe(0.3);
  expect(entropyTarget({ kind: 'entropy-guided-relative', fraction: 0.25, ...rest }, 2)).toBe(0.5);
  expect(entropyTarget({ kind: 'stage' }, 2)).toBeNull();
});

test.each([
  [0, 0.2, true], // entropy too low, and nothing left to take away
  [0, 0.6, false],
  [1, 0.6, true],
  [1, 0.2, false],
  [0, 0.4, false], // on target
  [1, 0.4, false],
  [0.5, 0.1, false],
  [0, Number.NaN, false],
])('weight %d at entropy %d with target 0.4: saturated %s', (weight, entropy, expected) => {
  const at = { entropy, baseEntropy: 0.8 };
  const rest = { delta: 0.05, initial: 0 };
  expect(saturated({ kind: 'entropy-guided', target: 0.4, ...rest }, weight, at)).toBe(expected);
  expect(saturated({ kind: 'entropy-guided-relative', fraction: 0.5, ...rest }, weight, at)).toBe(
    expected,
  );
  expect(saturated({ kind: 'constant' }, weight, at)).toBe(false);
});

/** The entropy coefficients of a whole run. */
function coefs(schedule: EntropyCoefSchedule, entropies: readonly number[], base: number) {
  let state: number | null = null;
  return entropies.map((entropy) => {
    const next = nextEntropyCoef(schedule, state, { entropy, base });
    state = next.state;
    return next.value;
  });
}

test('the entropy coefficient: constant, and adaptive below the target only', () => {
  expect(coefs({ kind: 'constant' }, [0.1, 0.9], 0.25)).toEqual([0.25, 0.25]);
  const adaptive = { kind: 'adaptive', target: 0.4, delta: 0.25, max: 0.5 } as const;
  // c is 0, .25, .5, .5 (the most), .25, 0, 0 (the least), .25; it acts where entropy is below the target.
  const entropies = [0.3, 0.3, 0.3, 0.4, 0.9, 0.9, 0.3, 0.3];
  expect(coefs(adaptive, entropies, 0)).toEqual([0, 0.25, 0.5, 0, 0, 0, 0, 0.25]);
});

test('the entropy coefficient starts as it is set, but within its bounds', () => {
  const adaptive = { kind: 'adaptive', target: 0.4, delta: 0.25, max: 0.5 } as const;
  expect(coefs(adaptive, [0.1, 0.1], 0.125)).toEqual([0.125, 0.375]);
  expect(coefs(adaptive, [0.1], 2)).toEqual([0.5]);
  expect(coefs(adaptive, [0.1], -2)).toEqual([0]);
});

test('the entropy coefficient holds still at an entropy that is not a number', () => {
  const adaptive = { kind: 'adaptive', target: 0.4, delta: 0.25, max: 0.5 } as const;
  expect(coefs(adaptive, [Number.NaN, 0.1], 0.125)).toEqual([0, 0.125]);
});

test('every schedule but the constant one stays within 0 and 1', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const schedule = fc.oneof(
    fc.constant<PositiveWeightSchedule>({ kind: 'stage' }),
    fc.record({ kind: fc.constant('epoch' as const), epochs: fc.integer({ min: 2, max: 50 }) }),
    fc.record({
      kind: fc.constant('entropy-guided' as const),
      target: unit,
      delta: unit,
      initial: unit,
    }),
    fc.record({
      kind: fc.constant('entropy-guided-relative' as const),
      fraction: unit,
      delta: unit,
      initial: unit,
    }),
  );
  fc.assert(
    fc.property(schedule, fc.array(unit, { minLength: 1, maxLength: 60 }), (rule, entropies) => {
      for (const weight of weights(rule, entropies, 3)) {
        expect(weight).toBeGreaterThanOrEqual(0);
        expect(weight).toBeLessThanOrEqual(1);
      }
    }),
  );
});
