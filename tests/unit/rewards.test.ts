import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stream } from '../../src/rl/random';
import { trainingRewards, type RewardRecipe } from '../../src/rl/rewards';
import type { Random } from '../../src/tasks/task';

const defaults: RewardRecipe = {
  reward: 'verifier',
  label_noise: 0,
  length_penalty: 0,
  overlong_buffer: null,
  group_size: 2,
};

/** Gives the numbers in order, and fails where more are asked for. */
function these(...numbers: readonly number[]): Random {
  let next = 0;
  return () => {
    if (next === numbers.length) throw new Error('more numbers drawn than expected');
    return numbers[next++];
  };
}

const uniform = () => stream(3, 0);

test('by default the learner is told what was verified', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1, 0.25), { maxLength: 20 }), (verified) => {
      const lengths = verified.map((_, i) => 1 + (i % 10));
      expect(trainingRewards(verified, lengths, defaults, 10, uniform())).toEqual(verified);
    }),
  );
});

test('a reward without a response is refused', () => {
  expect(() => trainingRewards([1, 0], [3], defaults, 10, uniform())).toThrow(
    '2 rewards for 1 responses',
  );
});

describe('label noise', () => {
  test('flips where the draw is below its rate', () => {
    const noisy = { ...defaults, label_noise: 0.25 };
    const random = these(0.24, 0.25, 0.1, 0.9);
    expect(trainingRewards([1, 1, 0, 0], [1, 1, 1, 1], noisy, 10, random)).toEqual([0, 1, 1, 0]);
    expect(trainingRewards([0.25], [1], noisy, 10, these(0))).toEqual([0.75]);
  });

  test('0 flips none and 1 flips all', () => {
    const lengths = [1, 1];
    expect(trainingRewards([1, 0], lengths, defaults, 10, these(0, 0))).toEqual([1, 0]);
    const all = { ...defaults, label_noise: 1 };
    expect(trainingRewards([1, 0], lengths, all, 10, these(0.9999, 0))).toEqual([0, 1]);
  });

  test('what a lower rate flips, a higher one flips too', () => {
    const correct = new Array<number>(500).fill(1);
    const told = (label_noise: number) =>
      trainingRewards(correct, correct, { ...defaults, label_noise }, 10, uniform());
    const [few, many] = [told(0.1), told(0.4)];
    few.forEach((reward, i) => expect(many[i]).toBeLessThanOrEqual(reward));
    const flipped = (rewards: readonly number[]) => rewards.filter((r) => r === 0).length / 500;
    // Four standard errors of 500 draws.
    expect(Math.abs(flipped(few) - 0.1)).toBeLessThan(0.054);
    expect(Math.abs(flipped(many) - 0.4)).toBeLessThan(0.088);
  });
});

describe('random rewards', () => {
  test('are a coin per response, whatever was verified; the noise is drawn after all coins', () => {
    const recipe = { ...defaults, reward: 'random', label_noise: 0.5 } as const;
    const random = these(0.49, 0.5, /* noise */ 0.9, 0.1);
    expect(trainingRewards([0, 0], [1, 1], recipe, 10, random)).toEqual([1, 1]);
    const told = (verified: readonly number[]) =>
      trainingRewards(verified, verified, { ...defaults, reward: 'random' }, 10, uniform());
    expect(told([1, 0, 1])).toEqual(told([0, 0, 0]));
  });

  test('are fair', () => {
    const verified = new Array<number>(1000).fill(0);
    const told = trainingRewards(
      verified,
      verified,
      { ...defaults, reward: 'random' },
      10,
      uniform(),
    );
    const mean = told.reduce((sum, reward) => sum + reward, 0) / 1000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.064); // four standard errors
  });
});

describe('preference rewards', () => {
  const recipe = { ...defaults, reward: 'preference', group_size: 4 } as const;

  test('by hand: opponents other than oneself, ties by a coin', () => {
    // A pair (opponent, coin) per comparison. The others of response 0 are 1, 2, 3; of response 1: 0, 2, 3; and so on.
    const random = these(
      ...[0, 0.9, 0.4, 0.9, 0.99, 0.9, 0.4, 0.1], // 1 against 0, 0, 1, 0: wins, wins, loses the coin, wins
      ...[0, 0.1, 0.4, 0.9, 0.99, 0.1, 0.4, 0.1], // 0 against 1, 0, 1, 0: loses, coin lost, loses, coin won
      ...[0, 0.1, 0.4, 0.1, 0.4, 0.9, 0.99, 0.1], // 0 against 1, 0, 0, 1: loses, coin won, coin lost, loses
      ...[0, 0.1, 0, 0.1, 0.4, 0.9, 0.99, 0.9], // 1 against 1, 1, 0, 0: coin won twice, wins twice
      ...[0.9, 0.9, 0.9, 0.9], // no noise
    );
    expect(trainingRewards([1, 0, 0, 1], [1, 1, 1, 1], recipe, 10, random)).toEqual([
      0.75, 0.25, 0.25, 1,
    ]);
  });

  test('the only success of a group always wins, whatever happens in other groups', () => {
    const told = trainingRewards(
      [1, 0, 0, 0, 0, 0, 1, 0],
      new Array<number>(8).fill(1),
      recipe,
      10,
      uniform(),
    );
    expect([told[0], told[6]]).toEqual([1, 1]);
    for (const reward of told) expect([0, 0.25, 0.5, 0.75, 1]).toContain(reward);
  });

  test('equals win half of the time, and a response never meets itself', () => {
    const verified = Array.from({ length: 400 }, (_, i) => i % 2);
    const pairs = { ...recipe, group_size: 2 };
    // In groups of two every comparison is with the other one.
    expect(trainingRewards(verified, verified, pairs, 10, uniform())).toEqual(verified);
    const equal = new Array<number>(400).fill(1);
    const told = trainingRewards(equal, equal, pairs, 10, uniform());
    const mean = told.reduce((sum, reward) => sum + reward, 0) / 400;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05); // four standard errors of 1600 coins
  });

  test('a group of one has nobody to compare with', () => {
    expect(() => trainingRewards([1], [1], { ...recipe, group_size: 1 }, 10, uniform())).toThrow(
      'cannot be compared in groups of 1',
    );
    expect(() =>
      trainingRewards([1, 0, 1], [1, 1, 1], { ...recipe, group_size: 2 }, 10, uniform()),
    ).toThrow('3 responses cannot be compared in groups of 2');
  });
});

describe('length', () => {
  test('the penalty is a share of the longest; a negative one pays for length', () => {
    const told = (length_penalty: number) =>
      trainingRewards([1, 0], [5, 20], { ...defaults, length_penalty }, 20, uniform());
    expect(told(0.5)).toEqual([0.875, -0.5]);
    expect(told(-2)).toEqual([1.5, 2]);
  });

  test.each([
    [15, 0],
    [16, 0],
    [17, 0.25],
    [18, 0.5],
    [20, 1], // ended at the last token, or cut off there
  ])('overlong: %i tokens of 20 with a buffer of 4 cost %d', (length, cost) => {
    const recipe = { ...defaults, overlong_buffer: 4 };
    expect(trainingRewards([1], [length], recipe, 20, uniform())).toEqual([1 - cost]);
  });

  test('a buffer longer than any response penalises all of them', () => {
    const recipe = { ...defaults, overlong_buffer: 16 };
    expect(trainingRewards([1, 1], [4, 8], recipe, 8, uniform())).toEqual([0.25, 0]);
  });

  test('both penalties come after the noise, so they are not flipped', () => {
    const recipe = { ...defaults, label_noise: 1, length_penalty: 0.5, overlong_buffer: 4 };
    expect(trainingRewards([1], [20], recipe, 20, uniform())).toEqual([-1.5]);
    expect(trainingRewards([0], [18], recipe, 20, uniform())[0]).toBeCloseTo(1 - 0.45 - 0.5, 14);
  });
});
