import type { StepReadback } from '../gpu/transformer/shapes';
import type { Recipe } from '../recipe/recipe';
import { groupAdvantages, zeroVarianceGroups } from '../rl/advantage';
import { permutation, STREAMS, substream } from '../rl/random';
import type { Task } from '../tasks/task';
import { responseAt, type Response } from './responses';

/** A response with what the verifier says of it. */
export interface ScoredResponse extends Response {
  readonly reward: number;
  readonly reason: string;
  readonly advantage: number;
}

/** The rollout batch of one run at one step. */
export interface Batch {
  /** One prompt per group. */
  readonly prompts: readonly (readonly number[])[];
  /** Groups one after another. */
  readonly responses: readonly ScoredResponse[];
  /** Nats, mean over response tokens. */
  readonly entropy: number;
  readonly reward: number;
  readonly tokens: number;
  readonly zeroVarianceGroups: number;
}

/**
 * The prompts of a step: the training prompts in an order that is shuffled anew each time all have been used. Depends
 * on (seed, step) only, so arms of one seed see the same prompts.
 */
export function promptsOfStep(
  { seed, prompts_per_step: count }: Recipe,
  train: readonly (readonly number[])[],
  step: number,
): (readonly number[])[] {
  const orders = new Map<number, number[]>();
  return Array.from({ length: count }, (_, i) => {
    const at = (step - 1) * count + i;
    const pass = Math.floor(at / train.length);
    let order = orders.get(pass);
    if (!order) {
      order = permutation(train.length, substream(seed, STREAMS.promptOrder, pass));
      orders.set(pass, order);
    }
    return train[order[at % train.length] ?? 0] ?? [];
  });
}

/** Scores the rollouts of run `run` and turns rewards into advantages. */
export function scoreBatch(
  readback: StepReadback,
  task: Task,
  recipe: Recipe,
  prompts: readonly (readonly number[])[],
  run: number,
  length: number,
): Batch {
  const rows = recipe.prompts_per_step * recipe.group_size;
  const scored = Array.from({ length: rows }, (_, b) => {
    const response = responseAt(readback, task, run * rows + b, length);
    const prompt = prompts[Math.floor(b / recipe.group_size)] ?? [];
    return { ...response, ...task.verify(prompt, response.tokens) };
  });
  const rewards = scored.map(({ reward }) => reward);
  const advantages = groupAdvantages(rewards, recipe.group_size, recipe.advantage);
  const responses = scored.map((response, b) => ({ ...response, advantage: advantages[b] ?? 0 }));
  let tokens = 0;
  let entropy = 0;
  for (const response of responses) {
    tokens += response.tokens.length;
    for (const nats of response.entropy) entropy += nats;
  }
  return {
    prompts,
    responses,
    entropy: entropy / tokens,
    reward: rewards.reduce((sum, reward) => sum + reward, 0) / rows,
    tokens,
    zeroVarianceGroups: zeroVarianceGroups(rewards, recipe.group_size),
  };
}

/** The rollout rows of each update of a step, in order: `epochs` shuffles, each cut into `minibatches`. */
export function updateRows(
  { seed, epochs, minibatches }: Recipe,
  rows: number,
  step: number,
): number[][] {
  const size = rows / minibatches;
  return Array.from({ length: epochs }, (_, epoch) => {
    const index = (step - 1) * epochs + epoch;
    const order = permutation(rows, substream(seed, STREAMS.minibatches, index));
    return Array.from({ length: minibatches }, (_, k) => order.slice(k * size, (k + 1) * size));
  }).flat();
}
