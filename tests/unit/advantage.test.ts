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
  const equal = (reward: number, n: number) => new Array<number>(n).fill(reward);

  test.each(['grpo', 'dr-grpo', 'rloo', 'quantile'] as const)(
    '%s: a group knows nothing of the others',
    (estimator) => {
      fc.assert(
        fc.property(group, group, (first, second) => {
          const both = groupAdvantages([...first, ...second], 6, estimator);
          expect(both.subarray(0, 6)).toEqual(groupAdvantages(first, 6, estimator));
          expect(both.subarray(6)).toEqual(groupAdvantages(second, 6, estimator));
        }),
      );
    },
  );

  test.each(['grpo', 'dr-grpo', 'rloo'] as const)('%s: sums to zero in a group', (estimator) => {
    fc.assert(
      fc.property(group, (rewards) => {
        const sum = groupAdvantages(rewards, 6, estimator).reduce((total, a) => total + a, 0);
        // Rounding of six rewards up to 10; grpo divides it by at least 1e-4.
        expect(Math.abs(sum)).toBeLessThan(1e-9);
      }),
    );
  });

  test.each(['grpo', 'dr-grpo', 'rloo', 'quantile', 'batch-mean'] as const)(
    '%s: equal rewards give exact zeros',
    (estimator) => {
      fc.assert(
        fc.property(fc.double({ noNaN: true, min: -10, max: 10 }), (reward) => {
          expect([...groupAdvantages(equal(reward, 7), 7, estimator)]).toEqual(equal(0, 7));
        }),
      );
      expect([...groupAdvantages([0.3], 1, estimator)]).toEqual([0]);
      expect([...groupAdvantages([], 4, estimator)]).toEqual([]);
    },
  );

  test.each(ADVANTAGES)('%s: better rewards give better advantages', (estimator) => {
    const [low, middle, high] = groupAdvantages([0, 0.5, 1], 3, estimator);
    expect(low).toBeLessThan(middle);
    expect(middle).toBeLessThan(high);
  });

  test('batch-mean: one baseline for all groups, so that an equal group has advantages too', () => {
    // Five of eight correct.
    const advantages = groupAdvantages([1, 1, 1, 1, 1, 0, 0, 0], 4, 'batch-mean');
    expect([...advantages]).toEqual([0.375, 0.375, 0.375, 0.375, 0.375, -0.625, -0.625, -0.625]);
    // Groups that are equal in themselves but not to each other.
    expect([...groupAdvantages([0, 0, 1, 1], 2, 'batch-mean')]).toEqual([-0.5, -0.5, 0.5, 0.5]);
  });

  test.each([
    ['psr', [1, 0, 0.5, -2]],
    ['nsr', [0, -1, -0.5, -3]],
    ['weighted', [0.1, -1, -0.45, -3.2]],
  ] as const)('%s has no baseline: rewards 1, 0, 1/2 and -2', (estimator, expected) => {
    const advantages = groupAdvantages([1, 0, 0.5, -2], 2, estimator);
    expected.forEach((value, i) => expect(advantages[i]).toBeCloseTo(value, 14));
    expect(groupAdvantages([1, 1], 2, estimator)[0]).toBeCloseTo(expected[0], 14);
  });

  describe('quantile', () => {
    /** Signs of the advantages of a success and a failure in a group of n with c successes. */
    const signs = (c: number, n: number, quantile: number) => {
      const rewards = Array.from({ length: n }, (_, i) => (i < c ? 1 : 0));
      const advantages = groupAdvantages(rewards, n, 'quantile', { quantile });
      return [Math.sign(advantages[0]), Math.sign(advantages[n - 1])];
    };
    const reinforces = [1, 0];
    const punishes = [0, -1];

    test.each([
      // Up to a share of 1 - K successes, only they count; above it only failures do.
      [1, 5, 0.4, reinforces],
      [3, 5, 0.4, reinforces], // 3/5 = 1 - K exactly
      [4, 5, 0.4, punishes],
      [2, 5, 0.6, reinforces],
      [3, 5, 0.6, punishes],
      [9, 20, 0.55, reinforces], // 0.55 x 20 rounds to more than 11
      [10, 20, 0.55, punishes],
      [1, 2, 0.5, reinforces],
      [3, 4, 0, reinforces],
      [1, 4, 1, punishes],
      [4, 4, 0.4, [0, 0]],
      [0, 4, 0.4, [0, 0]],
    ])('%i of %i correct at K %d', (c, n, quantile, expected) => {
      expect(signs(c, n, quantile)).toEqual(expected);
    });

    test('by hand: 0 1 2 5 with K 1/2 has baseline 1 and standard deviation sqrt(7/2)', () => {
      const advantages = groupAdvantages([5, 0, 2, 1], 4, 'quantile', { quantile: 0.5 });
      const scale = Math.sqrt(3.5) + 1e-4;
      [4, -1, 1, 0].forEach((difference, i) =>
        expect(advantages[i]).toBeCloseTo(difference / scale, 14),
      );
    });

    test('K is 0.4 unless it is given', () => {
      expect(groupAdvantages([5, 0, 2, 1, 4], 5, 'quantile')).toEqual(
        groupAdvantages([5, 0, 2, 1, 4], 5, 'quantile', { quantile: 0.4 }),
      );
      expect(groupAdvantages([5, 0, 2, 1, 4], 5, 'quantile')[3]).toBe(0); // 1 is the second of five
    });
  });

  test('groups without variance are counted', () => {
    expect(zeroVarianceGroups([0, 0, 1, 1, 0, 1, 0.1, 0.1], 2)).toBe(3);
  });

  test('rewards that do not split into groups are refused', () => {
    expect(() => groupAdvantages([1, 0, 1], 2, 'grpo')).toThrow(
      '3 rewards do not split into groups of 2',
    );
  });
});
