import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADVANTAGES } from '../../src/recipe/recipe';
import { groupAdvantages, zeroVarianceGroups } from '../../src/rl/advantage';

describe('group advantages', () => {
  // One correct of four: mean 1/4, population standard deviation sqrt(3)/4.
  const rewards = [1, 0, 0, 0];
  test.each([
    ['grpo', [0.75 / (Math.sqrt(3) / 4 + 1e-4), -0.25 / (Math.sqrt(3) / 4 + 1e-4)]],
    ['dr-grpo', [0.75, -0.25]],
    ['rloo', [1, -1 / 3]], // the reward minus the mean of the other three
  ] as const)('%s of 1 0 0 0', (estimator, [right, wrong]) => {
    const advantages = groupAdvantages(rewards, 4, estimator);
    [right, wrong, wrong, wrong].forEach((value, i) =>
      expect(advantages[i]).toBeCloseTo(value, 14),
    );
  });

  const group = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), {
    minLength: 6,
    maxLength: 6,
  });

  test.each(ADVANTAGES)(
    '%s: sums to zero in each group, which knows nothing of the others',
    (estimator) => {
      fc.assert(
        fc.property(group, group, (first, second) => {
          const both = groupAdvantages([...first, ...second], 6, estimator);
          expect(both.subarray(0, 6)).toEqual(groupAdvantages(first, 6, estimator));
          expect(both.subarray(6)).toEqual(groupAdvantages(second, 6, estimator));
          // Rounding of six rewards up to 10; grpo divides it by at least 1e-4.
          expect(Math.abs(both.subarray(0, 6).reduce((sum, a) => sum + a, 0))).toBeLessThan(1e-9);
        }),
      );
    },
  );

  test.each(ADVANTAGES)(
    '%s: equal rewards give exact zeros, and better rewards better advantages',
    (estimator) => {
      fc.assert(
        fc.property(fc.double({ noNaN: true, min: -10, max: 10 }), (reward) => {
          const zeros = groupAdvantages(new Array<number>(7).fill(reward), 7, estimator);
          expect([...zeros]).toEqual(new Array<number>(7).fill(0));
        }),
      );
      const [low, middle, high] = groupAdvantages([0, 0.5, 1], 3, estimator);
      expect(low).toBeLessThan(middle);
      expect(middle).toBeLessThan(high);
    },
  );

  test('groups without variance are counted', () => {
    expect(zeroVarianceGroups([0, 0, 1, 1, 0, 1, 0.1, 0.1], 2)).toBe(3);
  });

  test('rewards that do not split into groups are refused', () => {
    expect(() => groupAdvantages([1, 0, 1], 2, 'grpo')).toThrow(
      '3 rewards do not split into groups of 2',
    );
  });
});
