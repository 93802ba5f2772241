import type { Policy } from '../model/policy';
import type { Recipe } from '../recipe/recipe';
import { RlvrError } from '../errors/failure';
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
  return JSON.stringify([task, policy.spec, prompts_per_step, group_size, minibatches, epochs]);
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

/** Refuses a policy that cannot play the task: another vocabulary, or too few positions. */
export function checkFit(policy: Policy, task: Task): void {
  const fault = (detail: string): never => {
    throw new RlvrError({ kind: 'badPolicy', detail });
  };
  const same =
    policy.vocabulary.length === task.vocabulary.length &&
    policy.vocabulary.every((token, id) => token === task.vocabulary[id]);
  if (!same) {
    fault(
      `the policy was made for ${policy.task} with ${policy.vocabulary.length} tokens, ` +
        `and its vocabulary is not that of ${task.name} (${task.vocabulary.length} tokens)`,
    );
  }
  const positions = task.promptLength + task.maxResponse;
  if (policy.spec.max_position_embeddings < positions) {
    fault(
      `the policy has ${policy.spec.max_position_embeddings} positions, and ${task.name} needs ${positions}`,
    );
  }
}
