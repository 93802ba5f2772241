import { flopOf, productWork, type ProductWork } from '../gpu/layouts';
import { fittingPasses } from '../gpu/transformer/buffers';
import type { RunsShape } from '../gpu/transformer/shapes';
import { taskNamed } from '../tasks/registry';
import type { Task } from '../tasks/task';
import { groupByShape, taskFor, type RunSpec } from './run_spec';

/** What the engine needs to train runs of one shape together. */
export function runsShape(specs: readonly RunSpec[], task: Task): RunsShape {
  const [first] = specs;
  if (!first) throw new Error('no runs have no shape');
  const { recipe, policy } = first;
  const rows = recipe.prompts_per_step * recipe.group_size;
  const minibatchRows = rows / recipe.minibatches;
  const length = task.promptLength + task.maxResponse;
  return {
    runs: specs.length,
    rows,
    length,
    promptLength: task.promptLength,
    minibatchRows,
    ...fittingPasses(policy.spec, minibatchRows, length),
    updates: recipe.minibatches * recipe.epochs,
    eos: task.eos,
  };
}

/**
 * The products of the runs, of the shape that has most to compute: by these a layout is chosen for all. Throws RlvrError
 * `badPolicy` for a policy that cannot play its task.
 */
export function heaviestProducts(specs: readonly RunSpec[]): ProductWork {
  const works = groupByShape(specs).map((group) => {
    const [first] = group;
    if (!first) throw new Error('a group has a run');
    const task = taskFor(first.policy, taskNamed(first.recipe.task));
    return productWork(first.policy.spec, runsShape(group, task));
  });
  return works.reduce((most, work) => (flopOf(work) > flopOf(most) ? work : most));
}
