import { describe, expect, test } from 'vitest';
import {
  batchOf,
  isEven,
  promptsOfStep,
  replaceEven,
  scoreGroups,
  type Group,
} from '../../src/engine/batch';
import type { Recipe } from '../../src/recipe/recipe';
import { defaultRecipe } from '../../src/recipe/schema';
import { chainSum } from '../../src/tasks/chain_sum';

const recipe = (changes: Partial<Recipe>): Recipe => ({ ...defaultRecipe, ...changes });

/** A group whose responses have the given rewards and lengths; `mark` tells groups apart. */
function group(mark: number, rewards: readonly number[], length = 2): Group {
  return {
    prompt: [mark],
    responses: rewards.map((reward) => ({
      tokens: new Array<number>(length).fill(mark),
      logprob: new Float32Array(length).fill(-1),
      entropy: new Float32Array(length).fill(0.5),
      reward,
      reason: '',
      trainingReward: reward,
    })),
  };
}

describe('dynamic sampling', () => {
  const [easy, hard, mixed, other, third] = [
    group(1, [1, 1]),
    group(2, [0, 0]),
    group(3, [1, 0]),
    group(4, [0, 1]),
    group(5, [1, 0]),
  ];

  test('a group is even when all its responses are right or all wrong', () => {
    expect([easy, hard, mixed].map(isEven)).toEqual([true, true, false]);
  });

  test('even groups give way in order, the others stay, and what is left over stays even', () => {
    const kept = replaceEven([easy, mixed, hard, hard], [hard, other, easy, third]);
    expect(kept.map(({ prompt }) => prompt[0])).toEqual([4, 3, 5, 2]);
  });

  test('the batch trains on what was kept and reports what was drawn first', () => {
    const first = [easy, mixed];
    const batch = batchOf(recipe({ group_size: 2 }), first, [group(9, [0, 1], 5), mixed]);
    expect(batch.reward).toBe(0.75);
    expect(batch.entropy).toBe(0.5);
    expect(batch.zeroVarianceGroups).toBe(1);
    expect(batch.replacedGroups).toBe(1);
    expect(batch.tokens).toBe(14);
    expect(batch.prompts).toEqual([[9], [3]]);
    expect(batch.responses.map(({ advantage }) => Math.sign(advantage))).toEqual([-1, 1, 1, -1]);
  });

  test('later attempts draw other prompts, the same every time, and do not shift the next step', () => {
    const train = Array.from({ length: 50 }, (_, i) => [i]);
    const settings = recipe({ prompts_per_step: 5, seed: 3 });
    const first = promptsOfStep(settings, train, 2);
    const again = promptsOfStep(settings, train, 2, 1);
    expect(again).not.toEqual(first);
    expect(promptsOfStep(settings, train, 2, 1)).toEqual(again);
    expect(promptsOfStep(settings, train, 2, 2)).not.toEqual(again);
    expect(new Set(again.map(String)).size).toBe(5);
    expect(promptsOfStep(settings, train.slice(0, 3), 2, 1)).toHaveLength(5);
  });
});

describe('scoring', () => {
  const length = chainSum.promptLength + chainSum.maxResponse;
  const random = () => 0.4;
  const prompts = [chainSum.prompt(random)];
  const right = chainSum.solve(prompts[0], random) ?? [];
  /** Two responses: a correct one, and one that ends at once. */
  const readback = () => {
    const tokens = new Uint32Array(2 * length).fill(chainSum.eos);
    tokens.set([...prompts[0], ...right], 0);
    tokens.set(prompts[0], length);
    return {
      tokens,
      logprob: new Float32Array(2 * length),
      entropy: new Float32Array(2 * length),
      updates: new Float32Array(),
    };
  };
  const scored = (changes: Partial<Recipe>) =>
    scoreGroups(readback(), chainSum, recipe({ group_size: 2, ...changes }), prompts, 0, 7)[0]
      .responses;

  test('with the defaults the learner is told what the verifier says', () => {
    expect(scored({}).map(({ reward, trainingReward }) => [reward, trainingReward])).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  test('noise changes what the learner is told, never what is reported', () => {
    const flipped = scored({ label_noise: 1 });
    expect(flipped.map(({ reward, trainingReward }) => [reward, trainingReward])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test('a length penalty goes by the share of the longest response', () => {
    const [long, short] = scored({ length_penalty: 0.7 });
    expect(long.trainingReward).toBeCloseTo(1 - (0.7 * right.length) / chainSum.maxResponse, 12);
    expect(short.trainingReward).toBeCloseTo(-0.7 / chainSum.maxResponse, 12);
  });
});
