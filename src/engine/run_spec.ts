import type { Policy } from '../model/policy';
import type { Recipe } from '../recipe/recipe';
import { quoted } from '../recipe/untrusted';
import { RlvrError } from '../errors/failure';
import { taskInTokens } from '../tasks/in_tokens';
import type { Task } from '../tasks/task';

/** One run: an arm at a seed. The seed is the recipe's. */
export interface RunSpec {
  readonly arm: string;
  readonly recipe: Recipe;
  readonly policy: Policy;
}

/** Runs with equal keys have equal shapes and train in one dispatch sequence. */
export function shapeKey({ recipe, policy }: RunSpec): string {
  const { task, prompts_per_step, group_size, minibatches, epochs } = recipe;
  // Policies from elsewhere write the same task in tokens of their own.
  const tokens = policy.tokenizer ? recipe.policy : null;
  const shape = [task, policy.spec, tokens, prompts_per_step, group_size, minibatches, epochs];
  return JSON.stringify(shape);
}

/** Groups runs by shape, keeping their order within a group. */
export function groupByShape(runs: readonly RunSpec[]): RunSpec[][] {
  const groups = new Map<string, RunSpec[]>();
  for (const run of runs) {
    const group = groups.get(shapeKey(run));
    if (group) group.push(run);
    else groups.set(shapeKey(run), [run]);
  }
  return [...groups.values()];
}

/**
 * The task as this policy plays it: in the policy's own tokens where it came from elsewhere. Throws RlvrError `badPolicy`
 * for a policy that cannot play it: another vocabulary, or too few positions.
 */
export function taskFor(policy: Policy, task: Task): Task {
  const fault = (detail: string): never => {
    throw new RlvrError({ kind: 'badPolicy', detail });
  };
  const same =
    policy.vocabulary.length === task.vocabulary.length &&
    policy.vocabulary.every((token, id) => token === task.vocabulary[id]);
  if (!same && !policy.tokenizer) {
    fault(
      `the policy was made for ${quoted(policy.task)} with ${policy.vocabulary.length} tokens, ` +
        `and its vocabulary is not that of ${task.name} (${task.vocabulary.length} tokens)`,
    );
  }
  const { vocabulary, tokenizer } = policy;
  const played = tokenizer ? taskInTokens(task, { ...tokenizer, vocabulary }) : task;
  const positions = played.promptLength + played.maxResponse;
  if (policy.spec.max_position_embeddings < positions) {
    fault(
      `the policy has ${policy.spec.max_position_embeddings} positions, and ${task.name} needs ${positions}`,
    );
  }
  return played;
}
