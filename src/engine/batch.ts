import type { StepReadback } from '../gpu/transformer/shapes';
import type { Recipe } from '../recipe/recipe';
import { groupAdvantages, zeroVarianceGroups } from '../rl/advantage';
import { permutation, STREAMS, substream } from '../rl/random';
import { trainingRewards } from '../rl/rewards';
import type { Task } from '../tasks/task';
import { responseAt, type Response } from './responses';

/** A response with what the verifier says of it. */
export interface VerifiedResponse extends Response {
  readonly reward: number;
  readonly reason: string;
  /** What the learner is told: the same, unless the recipe changes rewards. */
  readonly trainingReward: number;
}

/** One prompt with the responses to it. */
export interface Group {
  readonly prompt: readonly number[];
  readonly responses: readonly VerifiedResponse[];
}

export interface ScoredResponse extends VerifiedResponse {
  readonly advantage: number;
}

/** The rollout batch of one run at one step. */
export interface Batch {
  /** One prompt per group. */
  readonly prompts: readonly (readonly number[])[];
  /** Groups one after another. */
  readonly responses: readonly ScoredResponse[];
  /** Nats, mean over response tokens. This and the next three are those of the step's first rollouts. */
  readonly entropy: number;
  readonly reward: number;
  readonly trainingReward: number;
  readonly zeroVarianceGroups: number;
  /** Groups that dynamic sampling has put in the place of groups with equal rewards. */
  readonly replacedGroups: number;
  /** Response tokens that are trained on. */
  readonly tokens: number;
}

/** Most rollout batches a step may draw; keeps the keys of their random numbers apart. */
const MOST_ATTEMPTS = 32;

/** One index for each rollout batch of a run: attempt 0 is the step's own. */
export const batchIndex = (step: number, attempt: number) => step * MOST_ATTEMPTS + attempt;

/**
 * The prompts of a step: the training prompts in an order that is shuffled anew each time all have been used. Depends
 * on (seed, step) only, so arms of one seed see the same prompts. A later attempt draws anew from all of them.
 */
export function promptsOfStep(
  { seed, prompts_per_step: count }: Recipe,
  train: readonly (readonly number[])[],
  step: number,
  attempt = 0,
): (readonly number[])[] {
  if (attempt > 0) {
    const random = substream(seed, STREAMS.resampling, batchIndex(step, attempt));
    const order = permutation(train.length, random);
    return Array.from({ length: count }, (_, i) => train[order[i % train.length] ?? 0] ?? []);
  }
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

/** Verifies the rollouts of run `run` and makes the learner's rewards. */
export function scoreGroups(
  readback: StepReadback,
  task: Task,
  recipe: Recipe,
  prompts: readonly (readonly number[])[],
  run: number,
  index: number,
): Group[] {
  const { group_size: size, seed } = recipe;
  const length = task.promptLength + task.maxResponse;
  const rows = prompts.length * size;
  const verified = Array.from({ length: rows }, (_, b) => {
    const response = responseAt(readback, task, run * rows + b, length);
    return { ...response, ...task.verify(prompts[Math.floor(b / size)] ?? [], response.tokens) };
  });
  const told = trainingRewards(
    verified.map(({ reward }) => reward),
    verified.map(({ tokens }) => tokens.length),
    recipe,
    task.maxResponse,
    substream(seed, STREAMS.rewards, index),
  );
  return prompts.map((prompt, g) => ({
    prompt,
    responses: verified
      .slice(g * size, (g + 1) * size)
      .map((response, i) => ({ ...response, trainingReward: told[g * size + i] ?? 0 })),
  }));
}

/** Whether all responses of a group are right, or all wrong: by the verifier, whatever the learner is told of them. */
export function isEven({ responses }: Group): boolean {
  return responses.every(({ reward }) => reward === responses[0]?.reward);
}

/** `groups` with even groups replaced, in order, by those of `fresh` that are not. */
export function replaceEven(groups: readonly Group[], fresh: readonly Group[]): Group[] {
  const spare = fresh.filter((group) => !isEven(group));
  return groups.map((group) => (isEven(group) ? (spare.shift() ?? group) : group));
}

/** The batch that is trained on. `first`: the step's first rollouts, which the step's metrics describe. */
export function batchOf(recipe: Recipe, first: readonly Group[], groups: readonly Group[]): Batch {
  const trained = groups.flatMap(({ responses }) => responses);
  const advantages = groupAdvantages(
    trained.map(({ trainingReward }) => trainingReward),
    recipe.group_size,
    recipe.advantage,
    { quantile: recipe.advantage_quantile },
  );
  const drawn = first.flatMap(({ responses }) => responses);
  const count = (responses: readonly Response[]) =>
    responses.reduce((sum, { tokens }) => sum + tokens.length, 0);
  let entropy = 0;
  for (const response of drawn) for (const nats of response.entropy) entropy += nats;
  const mean = (pick: (response: VerifiedResponse) => number) =>
    drawn.reduce((sum, response) => sum + pick(response), 0) / drawn.length;
  return {
    prompts: groups.map(({ prompt }) => prompt),
    responses: trained.map((response, b) => ({ ...response, advantage: advantages[b] ?? 0 })),
    entropy: entropy / count(drawn),
    reward: mean(({ reward }) => reward),
    trainingReward: mean(({ trainingReward }) => trainingReward),
    zeroVarianceGroups: zeroVarianceGroups(
      drawn.map(({ trainingReward }) => trainingReward),
      recipe.group_size,
    ),
    replacedGroups: groups.filter((group, g) => group !== first[g]).length,
    tokens: count(trained),
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
