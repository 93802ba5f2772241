import { readRuns } from '../engine/checkpoint';
import { quote } from '../model/json';
import { parameterLayout, unpackWeights } from '../model/layout';
import type { Policy } from '../model/policy';
import { problemText } from '../recipe/untrusted';
import { readRunFile } from '../storage/read_run_file';
import { TASK_NAMES } from '../tasks/registry';
import { readBytes } from './files';
import { refuse } from './options';
import { loadPolicy } from './policy_file';

/** Ending of the files that the page's Library exports. */
export const RUN_FILE = /\.rlvr$/i;

/** The trained policies of a run that the page exported, by arm and seed. Refused by name where it kept no weights. */
export async function policiesOfRunFile(path: string): Promise<Map<string, Policy>> {
  const file = await readRunFile(new Uint8Array(await readBytes(path, 'RUN')));
  if (!file.ok) return refuse('RUN', `${path}: ${problemText(file.problems)}`);
  const { checkpoint, experiment, arms, name } = file.value;
  if (checkpoint === null) {
    return refuse('RUN', `${path} holds the numbers of the run only, and no weights`);
  }
  const { step, runs } = readRuns(checkpoint.bytes);
  const policies = new Map<string, Policy>();
  for (const [id, { recipe, weights }] of runs) {
    const [armId, seed] = id.split('#');
    const arm = experiment.arms[arms.findIndex((candidate) => candidate.id === armId)];
    // A stranger's file must not choose which files of this machine are read.
    if (!TASK_NAMES.includes(recipe.policy)) {
      return refuse('RUN', `${path}: a run of the page has no base policy ${quote(recipe.policy)}`);
    }
    const base = await loadPolicy(recipe.policy, TASK_NAMES);
    const layout = parameterLayout(base.spec);
    if (!arm || weights.length !== layout.total) {
      return refuse('RUN', `${path}: the weights of ${id} are not those of ${recipe.policy}`);
    }
    const made = { recipe, steps: step, run: name, from: base.made };
    policies.set(policyName(arm.name, Number(seed)), {
      ...base,
      weights: unpackWeights(layout, weights),
      made,
    });
  }
  return policies;
}

/** File name of what an arm became at a seed. */
export const policyName = (arm: string, seed: number): string =>
  `${arm.replace(/[^\p{L}\p{N}.]+/gu, '-')}-seed-${seed}`;
