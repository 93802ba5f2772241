import { RlvrError } from '../errors/failure';
import { parseExperiment, type Experiment } from '../recipe/experiment';
import { problemText } from '../recipe/untrusted';
import { TASK_NAMES } from '../tasks/registry';
import { readJson } from './files';

/** Policies by their task's name or by path: only the command line reads files. */
export const POLICIES = { names: TASK_NAMES, paths: true } as const;

/** An experiment from a file; everything wrong with it is said at once. */
export async function readExperiment(path: string, field: string): Promise<Experiment> {
  const parsed = parseExperiment(await readJson(path, field), POLICIES);
  if (parsed.ok) return parsed.value;
  throw new RlvrError({ kind: 'badRecipe', detail: problemText(parsed.problems) });
}
