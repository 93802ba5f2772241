import type { Recipe } from '../recipe/recipe';
import { groupAdvantages } from '../rl/advantage';
import type { RecordedGroup } from '../storage/record';
import { taskNamed } from '../tasks/registry';
import type { GroupView } from '../worker/protocol';

/** Recorded responses as the rollout panel shows them: the task checks and draws them anew. */
export function recordedGroup(run: string, recipe: Recipe, group: RecordedGroup): GroupView {
  const task = taskNamed(recipe.task);
  const text = (token: number) => task.vocabulary[token] ?? '?';
  const verdicts = group.responses.map(({ tokens }) => task.verify(group.prompt, tokens));
  const advantages = groupAdvantages(
    verdicts.map(({ reward }) => reward),
    group.responses.length,
    recipe.advantage,
    { quantile: recipe.advantage_quantile },
  );
  return {
    run,
    step: group.step,
    prompt: group.prompt.map(text),
    rollouts: group.responses.map(({ tokens, entropy }, i) => ({
      tokens: tokens.map(text),
      reward: verdicts[i]?.reward ?? 0,
      reason: verdicts[i]?.reason ?? '',
      advantage: advantages[i] ?? 0,
      drawing: task.draw(group.prompt, tokens),
      entropy,
      logprob: tokens.map(() => NaN),
    })),
  };
}
