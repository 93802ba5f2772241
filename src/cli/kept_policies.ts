import { trainedPolicies } from '../engine/trained_policies';
import { quote } from '../model/json';
import type { Policy } from '../model/policy';
import { isOwnPolicy } from '../recipe/own_policy';
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
  const trained = await trainedPolicies(checkpoint.bytes, name, (policy) => {
    // A stranger's file must not choose which files of this machine are read.
    if (TASK_NAMES.includes(policy)) return loadPolicy(policy, TASK_NAMES);
    const why = isOwnPolicy(policy)
      ? 'which was imported there: save it on the page, under “Take elsewhere” of the arm'
      : 'which no run of the page has';
    return refuse('RUN', `${path}: it starts from the policy ${quote(policy)}, ${why}`);
  });
  const policies = new Map<string, Policy>();
  for (const { run, policy } of trained) {
    const [armId, seed] = run.split('#');
    const arm = experiment.arms[arms.findIndex((candidate) => candidate.id === armId)];
    if (!arm) return refuse('RUN', `${path}: the run ${quote(run)} is of no arm`);
    policies.set(policyName(arm.name, Number(seed)), policy);
  }
  return policies;
}

/** File name of what an arm became at a seed. */
export const policyName = (arm: string, seed: number): string =>
  `${arm.replace(/[^\p{L}\p{N}.]+/gu, '-')}-seed-${seed}`;
