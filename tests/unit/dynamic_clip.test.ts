import { expect, test } from 'vitest';
import type { DynamicClip } from '../../src/recipe/recipe';
import { nextClipBounds, type ClipBounds } from '../../src/rl/dynamic_clip';

const fixed = { low: 0.25, high: 0.25 };
const dynamic = { low_base: 0.75, low_slope: -0.5, high_base: 1.25, high_slope: -1 };
const fixedLow = { low: 0.25, lowSlope: 0 };
const fixedHigh = { high: 0.25, highSlope: 0 };
const dynamicLow = { low: 0.75, lowSlope: -0.5 };
const dynamicHigh = { high: 1.25, highSlope: -1 };

/** The bounds of a whole run, given the entropy of each step's rollouts. */
function run(schedule: DynamicClip, entropies: readonly number[]): ClipBounds[] {
  let state: number | null = null;
  return entropies.map((entropy, i) => {
    const bounds = nextClipBounds(schedule, fixed, state, {
      step: i + 1,
      steps: entropies.length,
      entropy,
      baseEntropy: entropies[0],
    });
    state = bounds.state;
    return bounds;
  });
}

test('off: the fixed bounds; constant: the dynamic ones', () => {
  expect(run({ kind: 'off' }, [1, 0])).toEqual([
    { ...fixedLow, ...fixedHigh, state: null },
    { ...fixedLow, ...fixedHigh, state: null },
  ]);
  expect(run({ kind: 'constant', ...dynamic }, [1, 0])).toEqual([
    { ...dynamicLow, ...dynamicHigh, state: null },
    { ...dynamicLow, ...dynamicHigh, state: null },
  ]);
});

test('increase-decrease: the upper bound returns by half time, then the lower one sets in and returns', () => {
  const bounds = run({ kind: 'increase-decrease', ...dynamic }, [1, 1, 1, 1]);
  expect(bounds).toEqual([
    { ...fixedLow, ...dynamicHigh, state: null },
    { ...fixedLow, high: 0.75, highSlope: -0.5, state: null }, // halfway from 1.25 - p to 0.25
    { ...dynamicLow, ...fixedHigh, state: null },
    { low: 0.5, lowSlope: -0.25, ...fixedHigh, state: null }, // halfway from 0.25 to 0.75 - p/2
  ]);
});

test('increase-decrease: a single step is all first half', () => {
  expect(run({ kind: 'increase-decrease', ...dynamic }, [1])).toEqual([
    { ...fixedLow, ...dynamicHigh, state: null },
  ]);
});

const high = { ...fixedLow, ...dynamicHigh, state: 1 };
const low = { ...dynamicLow, ...fixedHigh, state: 0 };

test('oscillatory-decay: low at the floor, until entropy passes a ceiling that sinks', () => {
  const schedule = { kind: 'oscillatory-decay', floor: 0.25, ...dynamic } as const;
  // H_0 = 2, H_min = 0.5; the ceiling at step k + 1 of 4 is 2 - 1.5 k/4.
  expect(run(schedule, [2, 0.51, 0.5, 0.875])).toEqual([
    low, // nothing has been low yet
    low, // just above the floor
    high, // at the floor
    high, // at the ceiling, not above it
  ]);
});

test('oscillatory-decay: above the ceiling the lower bound is dynamic again', () => {
  const schedule = { kind: 'oscillatory-decay', floor: 0.25, ...dynamic } as const;
  // Ceilings 2, 1.625, 1.25, 0.875.
  expect(run(schedule, [2, 0.4, 1.26, 0.8])).toEqual([low, high, low, low]);
  expect(run(schedule, [2, 0.4, 1.25, 0.88])).toEqual([low, high, high, low]);
});

test('oscillatory-decay: an entropy that is not a number leaves the state alone', () => {
  const schedule = { kind: 'oscillatory-decay', floor: 0.25, ...dynamic } as const;
  expect(run(schedule, [2, 0.4, Number.NaN])).toEqual([low, high, high]);
});
