import type { Batch } from '../engine/batch';
import type { Task } from '../tasks/task';
import type { NamedRun, GroupView } from './protocol';

/** The first group of a batch, as the rollout panel shows it. */
export function groupView(
  { id, recipe }: NamedRun,
  task: Task,
  batch: Batch,
  step: number,
): GroupView {
  const prompt = batch.prompts[0] ?? [];
  const text = (token: number) => task.vocabulary[token] ?? '?';
  return {
    run: id,
    step,
    prompt: prompt.map(text),
    rollouts: batch.responses.slice(0, recipe.group_size).map((response) => ({
      tokens: response.tokens.map(text),
      reward: response.reward,
      advantage: response.advantage,
      reason: response.reason,
      drawing: task.draw(prompt, response.tokens),
      entropy: Array.from(response.entropy),
      logprob: Array.from(response.logprob),
    })),
  };
}
