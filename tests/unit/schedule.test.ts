import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PositiveWeightSchedule } from '../../src/recipe/recipe';
import { nextPositiveWeight } from '../../src/rl/schedule';

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
