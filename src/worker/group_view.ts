import type { Batch } from '../engine/batch';
import type { InspectedResponse } from '../engine/inspect';
import { isOwnPolicy } from '../recipe/own_policy';
import type { Task } from '../tasks/task';
import type { NamedRun, GroupView } from './protocol';

/** One group of a batch, as the rollout panel shows it, with what a close look at its responses has found. */
export function groupView(
  { id, recipe }: NamedRun,
  task: Task,
  batch: Batch,
  step: number,
  which: number,
  inspected: readonly InspectedResponse[],
): GroupView {
  const prompt = batch.prompts[which] ?? [];
  const text = (token: number) => task.vocabulary[token] ?? '?';
  const own = isOwnPolicy(recipe.policy);
  const { group_size: size } = recipe;
  return {
    run: id,
    step,
    prompt: prompt.map(text),
    ...(own && { promptIds: prompt }),
    place: { prompt: which, of: batch.prompts.length },
    rollouts: batch.responses.slice(which * size, (which + 1) * size).map((response, i) => {
      const look = inspected[i];
      return {
        tokens: response.tokens.map(text),
        ...(own && { ids: [...response.tokens] }),
        reward: response.reward,
        advantage: response.advantage,
        reason: response.reason,
        drawing: task.draw(prompt, response.tokens),
        entropy: Array.from(response.entropy),
        logprob: Array.from(response.logprob),
        ...(look && { look }),
      };
    }),
  };
}
