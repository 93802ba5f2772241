import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integerBelow, stream } from '../../src/rl/random';
import {
  bootstrapInterval,
  effectSize,
  mean,
  pairedDifference,
  quantile,
  sd,
  summarise,
} from '../../src/rl/statistics';

test('mean, standard deviation and quantiles by hand', () => {
  expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
  expect(sd([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 14);
  expect(sd([3])).toBeNaN();
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4], 0)).toBe(1);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
});

describe('bootstrap interval', () => {
  test('repeats, holds the mean, and lies within the values', () => {
    const value = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 12 }), (values) => {
        const interval = bootstrapInterval(values, { resamples: 200 });
        if (interval === null) throw new Error('no interval');
        expect(bootstrapInterval(values, { resamples: 200 })).toEqual(interval);
        expect(interval[0]).toBeLessThanOrEqual(interval[1]);
        expect(interval[0]).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
        expect(interval[1]).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
      }),
      { numRuns: 50 },
    );
  });

  test('says nothing of fewer than two values', () => {
    expect(bootstrapInterval([])).toBeNull();
    expect(bootstrapInterval([1])).toBeNull();
    expect(summarise([1])).toEqual({ n: 1, mean: 1, sd: null, interval: null });
  });

  test('of two values, the exact bootstrap distribution: a quarter each at the ends', () => {
    expect(bootstrapInterval([0, 1])).toEqual([0, 1]);
    // Half of the resampled means are 1/2, so a level below one half gives just that.
    expect(bootstrapInterval([0, 1], { level: 0.4 })).toEqual([0.5, 0.5]);
  });

  test('covers the true mean about as often as it says', () => {
    const random = stream(1, 0);
    const n = 40;
    const trials = 200;
    let covered = 0;
    for (let t = 0; t < trials; t++) {
      const values = Array.from({ length: n }, () => integerBelow(2, random));
      const interval = bootstrapInterval(values, { resamples: 300, seed: t });
      if (interval !== null && interval[0] <= 0.5 && interval[1] >= 0.5) covered++;
    }
    // 95% nominal; the percentile interval of 40 values covers a little less, and 200 trials have s.e. 1.5%.
    expect(covered / trials).toBeGreaterThan(0.88);
  });
});

describe('paired difference', () => {
  test('by hand', () => {
    const result = pairedDifference([3, 5, 4, 1], [1, 2, 4, 2]);
    expect(result).toMatchObject({ n: 4, mean: 1, higher: 2, lower: 1, equal: 1 });
    expect(result.sd).toBeCloseTo(Math.sqrt(10 / 3), 14); // differences 2 3 0 -1
    expect(result.effect_size).toBeCloseTo(1 / Math.sqrt(10 / 3), 14);
    expect(result.p_sign).toBe(1); // two higher, one lower: any signs are as lopsided
    expect(result.p_permutation).toBe(0.5); // sums of +-2 +-3 +-1: 6, 4, 2 or 0 either way
  });

  test('an arm does not differ from itself', () => {
    expect(pairedDifference([0.1, 0.7], [0.1, 0.7])).toEqual({
      n: 2,
      mean: 0,
      sd: 0,
      interval: [0, 0],
      higher: 0,
      lower: 0,
      equal: 2,
      effect_size: null,
      p_sign: null,
      p_permutation: 1,
    });
  });

  test('of no pairs and of one pair says no more than it can', () => {
    expect(pairedDifference([], [])).toMatchObject({
      n: 0,
      effect_size: null,
      p_sign: null,
      p_permutation: null,
    });
    expect(pairedDifference([2], [1])).toMatchObject({
      n: 1,
      effect_size: null,
      p_sign: 1,
      p_permutation: 1,
    });
  });

  test('effect size by hand, and none where the differences do not vary', () => {
    expect(effectSize([1, 2, 3])).toBe(2);
    expect(effectSize([-1, 1])).toBe(0);
    expect(effectSize([-1, -2, -3])).toBe(-2);
    expect(effectSize([0, 0])).toBeNull();
    expect(effectSize([0.1, 0.1, 0.1])).toBeNull(); // their mean is not 0.1 by one bit
    expect(effectSize([0.3 - 0.2, 0.2 - 0.1])).toBeNull();
    expect(effectSize([5])).toBeNull();
    expect(effectSize([])).toBeNull();
    expect(effectSize([1, Number.NaN])).toBeNull();
  });

  test('values that are not paired are refused', () => {
    expect(() => pairedDifference([1], [1, 2])).toThrow('1 values cannot be paired with 2');
  });
});
