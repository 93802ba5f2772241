import { describe, expect, test } from 'vitest';
import { entropyAtReward, lastQuarter, summariseRuns, type RunResult } from '../../src/rl/summary';

test('the last quarter, at least the last value', () => {
  expect(lastQuarter([1, 2, 3, 4, 5, 6, 7, 9])).toBe(8);
  expect(lastQuarter([4, 6])).toBe(6);
});

describe('entropy at a level of reward', () => {
  test('by hand: read off where the mean of the last five steps reaches the level', () => {
    // Means of reward: 0, 0.25, 0.25, 0.3125, 0.45, 0.6. Of entropy: 3, 2.5, 2, 1.75, 1.5, 1.
    const reward = [0, 0.5, 0.25, 0.5, 1, 0.75];
    const entropy = [3, 2, 1, 1, 0.5, 0.5];
    expect(entropyAtReward(entropy, reward, [0.1, 0.25, 0.3, 0.45, 0.5, 0.9])).toEqual({
      '0.1': 2.5,
      '0.25': 2.5,
      '0.3': 1.75,
      '0.45': 1.5,
      '0.5': 1,
      '0.9': null,
    });
  });

  test('a level the run begins at is read off at its first step', () => {
    expect(entropyAtReward([2, 1], [0.5, 0.9], [0.4, 0.5, 0.6])).toEqual({
      '0.4': 2,
      '0.5': 2,
      '0.6': 1.5,
    });
  });

  test('a level that was reached and lost counts', () => {
    expect(entropyAtReward([4, 2, 1], [0, 1, 0], [0.5])).toEqual({ '0.5': 3 });
  });

  test('of no steps, nothing; the usual levels', () => {
    expect(entropyAtReward([], [])).toEqual({
      '0.3': null,
      '0.4': null,
      '0.5': null,
      '0.6': null,
      '0.7': null,
      '0.8': null,
    });
    expect(() => entropyAtReward([1], [])).toThrow('1 steps of entropy but 0 of reward');
  });
});

/** A run with little to say unless told. */
function run(arm: string, seed: number, rest: Partial<RunResult> = {}): RunResult {
  return { arm, seed, entropy: 1, reward: 0.5, evaluation: null, entropy_at_reward: {}, ...rest };
}

describe('summary', () => {
  test('per arm, and per pair of arms over the seeds both have', () => {
    const { arms, pairs, runs } = summariseRuns([
      run('a', 0, { entropy: 1, reward: 0.25 }),
      run('a', 1, { entropy: 3, reward: 0.75 }),
      run('b', 1, { entropy: 2.5, reward: 0.25 }),
      run('b', 2, { entropy: 9, reward: 0.25 }),
    ]);
    expect(runs).toHaveLength(4);
    expect(arms).toMatchObject([
      { arm: 'a', entropy: { n: 2, mean: 2 }, reward: { mean: 0.5 } },
      { arm: 'b', entropy: { n: 2, mean: 5.75 } },
    ]);
    expect(pairs).toMatchObject([
      { first: 'a', second: 'b', entropy: { n: 1, mean: 0.5, higher: 1 }, reward: { mean: 0.5 } },
    ]);
  });

  test('only what is a number in every run is summarised of an evaluation', () => {
    const evaluation = {
      prompts: 8,
      samples: 4,
      pass: 0.5,
      maj: null,
      curve: [[1, 0.5]],
      name: 'x',
    };
    const { arms, pairs } = summariseRuns([
      run('a', 0, { evaluation: { ...evaluation, some: 1 } }),
      run('a', 1, { evaluation: { ...evaluation, pass: 0.25, maj: 1 } }),
      run('b', 0, { evaluation: { ...evaluation, some: 3 } }),
    ]);
    expect(Object.keys(arms[0].evaluation)).toEqual(['pass']);
    expect(arms[0].evaluation).toMatchObject({ pass: { n: 2, mean: 0.375 } });
    // Seed 0, the one that both arms have, has `some` in both.
    expect(pairs[0].evaluation).toMatchObject({ pass: { mean: 0 }, some: { n: 1, mean: -2 } });
  });

  test('a run without an evaluation leaves its arm without one', () => {
    const { arms } = summariseRuns([run('a', 0, { evaluation: { pass: 1 } }), run('a', 1)]);
    expect(arms[0].evaluation).toEqual({});
  });

  test('entropy at a level is summarised over the runs that reached it', () => {
    const { arms, pairs } = summariseRuns([
      run('a', 0, { entropy_at_reward: { '0.3': 2, '0.8': null } }),
      run('a', 1, { entropy_at_reward: { '0.3': 1, '0.8': 0.5 } }),
      run('b', 0, { entropy_at_reward: { '0.3': 1.5, '0.8': 0.25 } }),
      run('b', 1, { entropy_at_reward: { '0.3': null, '0.8': null } }),
    ]);
    expect(arms[0].entropy_at_reward).toMatchObject({
      '0.3': { n: 2, mean: 1.5 },
      '0.8': { n: 1, mean: 0.5 },
    });
    // At 0.8 no seed has both.
    expect(Object.keys(pairs[0].entropy_at_reward)).toEqual(['0.3']);
    expect(pairs[0].entropy_at_reward).toMatchObject({ '0.3': { n: 1, mean: 0.5, higher: 1 } });
  });

  test('an evaluation on the training prompts is summarised where there is one', () => {
    const { arms, pairs } = summariseRuns([
      run('a', 0, { evaluation_training: { prompts: 8, pass: 0.75, curve: [] } }),
      run('a', 1, { evaluation_training: null }),
      run('b', 0, { evaluation_training: { prompts: 8, pass: 0.5, curve: [] } }),
      run('b', 1),
    ]);
    expect(Object.keys(arms[0].evaluation_training)).toEqual(['pass']);
    expect(arms[0].evaluation_training).toMatchObject({ pass: { n: 1, mean: 0.75 } });
    expect(pairs[0].evaluation_training).toMatchObject({ pass: { n: 1, mean: 0.25 } });
    expect(summariseRuns([run('a', 0)]).arms[0].evaluation_training).toEqual({});
  });
});

describe('correlations with held-out entropy', () => {
  const evaluated = (seed: number, entropy: number, pass: number) =>
    run('a', seed, { evaluation: { samples: 4, entropy, pass, flat: 1, curve: [] } });

  test('by hand over four runs', () => {
    const { correlations } = summariseRuns([
      evaluated(0, 0.1, 0.5),
      evaluated(1, 0.2, 0.7),
      evaluated(2, 0.3, 0.6),
      evaluated(3, 0.4, 0.8),
    ]);
    expect(Object.keys(correlations)).toEqual(['pass', 'flat']);
    expect(correlations['pass']).toBeCloseTo(0.8, 14); // 1 - 6 x 2 / 60
    expect(correlations['flat']).toBeNull();
  });

  test('none of three runs, or where entropy is not known', () => {
    const three = [evaluated(0, 1, 1), evaluated(1, 2, 2), evaluated(2, 3, 3)];
    expect(summariseRuns(three).correlations).toEqual({});
    expect(summariseRuns([...three, run('a', 3)]).correlations).toEqual({});
  });
});
