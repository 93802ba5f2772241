import { RlvrError } from '../errors/failure';
import { describeFailure } from '../errors/describe';
import { SafetensorsError } from '../model/safetensors';
import { runOfFile } from '../export/logs/logged_run';
import { problemText, refuse, type Result } from '../recipe/untrusted';
import { isOwnPolicy } from '../recipe/own_policy';
import { runOnPage } from './autosave';
import { newestCheckpoint } from './checkpoints';
import { useExperiment, type Arm } from './experiment';
import { askReader } from './policies';
import { useRun } from './run';
import { runId } from './run_id';
import { fetchBytes } from './site_files';
import { series } from './series';

/** Where an arm can be taken, as the menu lists it. */
export const ELSEWHERE = [
  { target: 'hf', label: 'Policy for transformers (zip)' },
  { target: 'trl', label: 'Folder for TRL (zip)' },
  { target: 'verl', label: 'Folder for verl (zip)' },
  { target: 'unipo', label: 'Log for UNIPO (JSONL)' },
  { target: 'trl-log', label: 'Log as TRL keeps it (JSON)' },
  { target: 'verl-log', label: 'Log as verl writes it (JSONL)' },
] as const;
export type Elsewhere = (typeof ELSEWHERE)[number]['target'];

export interface MadeFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const FIELD = 'file';
const NO_CODE = 'The code for this could not be loaded: the site does not answer.';

/** An arm of the page at its first seed as a file for elsewhere. A refusal is a sentence for the reader. */
export async function takeElsewhere(arm: Arm, target: Elsewhere): Promise<Result<MadeFile>> {
  if (target === 'hf') return trainedPolicy(arm);
  const files = await import('./elsewhere_files').catch(() => null);
  if (files === null) return refuse(FIELD, NO_CODE);
  const folder = `${plain(arm.name)}-${target}`;
  try {
    if (target === 'trl' || target === 'verl') {
      const { name, seeds } = useExperiment.getState();
      const recipe = { ...arm.recipe, seed: seeds[0] ?? arm.recipe.seed };
      if (isOwnPolicy(recipe.policy)) return refuse(FIELD, OWN_TOKENS);
      const policy = await fetchBytes(`policies/${recipe.policy}.safetensors`, 'The base policy');
      if (!policy.ok) return policy;
      const marks = series.marks.filter((mark) => mark.arm === arm.id);
      const changed = [...new Set(marks.map(({ setting }) => setting))];
      const source = { name, arm: arm.name, recipe, changed };
      const bytes = files.zippedFolder(source, policy.value, target, folder);
      return { ok: true, value: { name: `${folder}.zip`, bytes } };
    }
    const kept = runOnPage();
    if (kept === null) return refuse(FIELD, 'There is no log yet: train a step first.');
    const run = runOfFile(kept, { arm: arm.name, seed: null });
    if (!run.ok) return run;
    const ending = target === 'trl-log' ? 'json' : 'jsonl';
    return {
      ok: true,
      value: { name: `${folder}.${ending}`, bytes: files.logBytes(run.value, target) },
    };
  } catch (error) {
    if (error instanceof SafetensorsError) return refuse(FIELD, error.message);
    if (!(error instanceof RlvrError)) throw error;
    return refuse(FIELD, describeFailure(error.failure).what);
  }
}

const OWN_TOKENS =
  'These folders are made for the base policies of this page. Save the imported policy by itself, as “Policy for ' +
  'transformers”, and set MODEL in the folder of an arm with a base policy to it.';

/** The policy of an arm at its first seed, as it was last saved, or its base policy before any step. */
async function trainedPolicy(arm: Arm): Promise<Result<MadeFile>> {
  const { step, recorded } = useRun.getState();
  if (recorded !== null) {
    return refuse(FIELD, 'A recorded run plays, which has no weights here: train live first.');
  }
  const saved = newestCheckpoint();
  if (step > 0 && saved === null) return refuse(FIELD, 'No weights of this run are kept yet.');
  const { name: of, seeds } = useExperiment.getState();
  const run = runId(arm.id, seeds[0] ?? arm.recipe.seed);
  const trained = step > 0 && saved !== null ? { bytes: saved.bytes, run, of } : null;
  const folder = `${plain(arm.name)}-policy-step-${trained === null ? 0 : (saved?.step ?? 0)}`;
  const { policy } = arm.recipe;
  const made = await askReader({ kind: 'zip', policy, folder, trained });
  if (!made.ok) return made;
  if (made.value.kind !== 'zip') throw new Error('a zip was asked for');
  return { ok: true, value: { name: `${folder}.zip`, bytes: made.value.bytes } };
}

/** What went wrong, in words. */
export const inWords = (result: Extract<Result<MadeFile>, { ok: false }>) =>
  problemText(result.problems);

function plain(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name || 'arm';
}
