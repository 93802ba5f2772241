import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranks, spearman } from '../../src/rl/correlation';

test('ranks from 1, ties sharing the average', () => {
  expect(ranks([30, 10, 20])).toEqual([3, 1, 2]);
  expect(ranks([5, 5, 1, 9])).toEqual([2.5, 2.5, 1, 4]);
  expect(ranks([7, 7, 7])).toEqual([2, 2, 2]);
  expect(ranks([])).toEqual([]);
});

test('by hand', () => {
  expect(spearman([1, 2, 3, 4], [10, 20, 30, 1000])).toBe(1);
  expect(spearman([1, 2, 3, 4], [4, 3, 2, -1])).toBe(-1);
  // 1 - 6 sum d^2 / (n (n^2 - 1)) with d = 0 1 -1 0.
  expect(spearman([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8, 15);
  // Ranks 1.5 1.5 3 against 1 2 3: covariance 1.5 of sqrt(1.5 x 2).
  expect(spearman([0, 0, 1], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(3), 15);
});

test('none of too few points, of a constant, of what is not finite', () => {
  expect(spearman([], [])).toBeNull();
  expect(spearman([1, 2], [1, 2])).toBeNull();
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
  expect(spearman([1, 2, 3], [0.1, 0.1, 0.1])).toBeNull();
  expect(spearman([1, 2, Number.NaN], [1, 2, 3])).toBeNull();
  expect(() => spearman([1], [1, 2])).toThrow('1 values cannot be correlated with 2');
});

test('knows only the order', () => {
  const value = fc.integer({ min: -20, max: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 15 }), (points) => {
      const x = points.map(([first]) => first);
      const y = points.map(([, second]) => second);
      const found = spearman(x, y);
      expect(
        spearman(
          x,
          y.map((v) => v ** 3 - 7),
        ),
      ).toBe(found);
      expect(spearman(y, x)).toBe(found);
      if (found !== null) expect(Math.abs(found)).toBeLessThanOrEqual(1);
    }),
  );
});
