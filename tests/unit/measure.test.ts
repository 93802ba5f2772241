import { describe, expect, test } from 'vitest';
import {
  fittingMeasure,
  measureEvery,
  MOST_MEASURED_STEPS,
  type Measure,
} from '../../src/recipe/measure';
import { cadenceOf } from '../../src/ui/findings/OnTheWay';

const WHAT = { kinds: ['probe'], prompts: 4, samples: 2 } as const;
const batches = { prompts_per_step: 8, group_size: 16, minibatches: 4 };

describe('a plan to measure', () => {
  test('begins before the first step and ends with the run', () => {
    expect(measureEvery(5, 12, WHAT)).toEqual({ ...WHAT, at: [0, 5, 10] });
    expect(measureEvery(5, 10, WHAT).at).toEqual([0, 5, 10]);
    expect(measureEvery(20, 3, WHAT).at).toEqual([0]);
  });

  test('has no more steps than a file may name', () => {
    const { at } = measureEvery(1, 2000, WHAT);
    expect(at).toHaveLength(MOST_MEASURED_STEPS);
    expect(at.at(-1)).toBe(MOST_MEASURED_STEPS - 1);
  });

  test('loses what the arms no longer have, and nothing else', () => {
    const plan: Measure = { ...WHAT, kinds: ['probe', 'clip-trace'], at: [0, 10, 30] };
    expect(fittingMeasure(plan, [{ ...batches, steps: 30 }])).toEqual(plan);
    expect(fittingMeasure(plan, [{ ...batches, steps: 20 }])?.at).toEqual([0, 10]);
    // A minibatch of one response has nothing to compare.
    const single = { ...batches, minibatches: 128, steps: 30 };
    expect(fittingMeasure(plan, [single])?.kinds).toEqual(['probe']);
    expect(fittingMeasure({ ...plan, kinds: ['clip-trace'] }, [single])).toBeNull();
    expect(fittingMeasure({ ...plan, at: [30] }, [{ ...batches, steps: 20 }])).toBeNull();
    expect(fittingMeasure(null, [])).toBeNull();
  });

  test('is known by its cadence where it has one', () => {
    const at = (...steps: number[]) => cadenceOf({ ...WHAT, at: steps });
    expect(at(0, 5, 10)).toBe(5);
    expect(at(0, 1)).toBe(1);
    expect(at(0, 5, 10, 20)).toBeNull();
    expect(at(0, 3, 6)).toBeNull();
    expect(at(0)).toBeNull();
    expect(cadenceOf(null)).toBeNull();
  });
});
