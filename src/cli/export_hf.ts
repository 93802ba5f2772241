import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { policyFolder } from '../export/hf_folder';
import type { Policy } from '../model/policy';
import { TASK_NAMES } from '../tasks/registry';
import { policiesOfRunFile, RUN_FILE } from './kept_policies';
import { refuse } from './options';
import { loadPolicy, writePolicyFolder } from './policy_file';

/** The policies of `source` by the folder each goes to, "" for the only one: of a run, or one policy. */
async function policiesOf(source: string): Promise<ReadonlyMap<string, Policy>> {
  const trained = join(source, 'policies');
  if (RUN_FILE.test(source)) return policiesOfRunFile(source);
  if (TASK_NAMES.includes(source) || !existsSync(trained)) {
    return new Map([['', await loadPolicy(source, TASK_NAMES)]]);
  }
  const policies = new Map<string, Policy>();
  for (const name of (await readdir(trained)).sort()) {
    const policy = await loadPolicy(join(trained, name), TASK_NAMES);
    policies.set(basename(name, '.safetensors'), policy);
  }
  if (policies.size === 0) refuse('RUN', `${trained} holds no policy`);
  return policies;
}

/**
 * Writes every policy of a run (its folder, or the file that the page exported), or the one policy of a file, a folder
 * or a name, as a folder that transformers loads. Returns the folders. Everything is read and checked before anything is
 * written.
 */
export async function exportHuggingFace(source: string, out: string): Promise<string[]> {
  const folders = [...(await policiesOf(source))].map(
    ([name, policy]) => [join(out, name), policyFolder(policy)] as const,
  );
  for (const [folder, files] of folders) await writePolicyFolder(folder, files);
  return folders.map(([folder]) => folder);
}
