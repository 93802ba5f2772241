import { failureLine } from '../errors/describe';
import { RlvrError } from '../errors/failure';
import { estimateMemory } from '../gpu/transformer/buffers';
import type { Policy } from '../model/policy';
import type { PolicyFacts, TaskFit } from '../model/policy_facts';
import { completeRecipe } from '../recipe/schema';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { taskFor } from './run_spec';
import { runsShape } from './runs_shape';

/** What a policy is, which tasks its tokens can write, and the memory that a run with default settings takes. */
export function policyFacts(policy: Policy): PolicyFacts {
  const { spec, weights, tokenizer } = policy;
  return {
    config: spec,
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    tokenizer: tokenizer ? 'its own' : `the texts of ${policy.task}`,
    tasks: TASK_NAMES.map((name) => fitOf(policy, name)),
  };
}

function fitOf(policy: Policy, name: string): TaskFit {
  const recipe = completeRecipe({ task: name });
  if (!recipe.ok) throw new Error(`the default recipe of ${name} is not valid`);
  try {
    const task = taskFor(policy, taskNamed(name));
    const shape = runsShape([{ arm: '', recipe: recipe.value, policy }], task);
    return { task: name, bytes: estimateMemory(policy.spec, shape), why: null };
  } catch (error) {
    if (!(error instanceof RlvrError)) throw error;
    return { task: name, bytes: null, why: failureLine(error.failure) };
  }
}
