import { RlvrError } from '../errors/failure';
import { parseExperiment, type Experiment } from '../recipe/experiment';
import { problemText } from '../recipe/untrusted';
import { TASK_NAMES } from '../tasks/registry';
import { readJson } from './files';

/** Policies by their task's name or by path: only the command line reads files, and only the page keeps imported ones. */
export const POLICIES = { names: TASK_NAMES, own: false, paths: true } as const;

/** An experiment from a file; everything wrong with it is said at once. */
export async function readExperiment(path: string, field: string): Promise<Experiment> {
  return checked(await readJson(path, field));
}

/** The same experiment with another base policy in every arm: a task's name, or the path of a file or a folder. */
export function withPolicy(experiment: Experiment, nameOrPath: string): Experiment {
  const isName = TASK_NAMES.includes(nameOrPath);
  const policy = isName || /[/\\]/.test(nameOrPath) ? nameOrPath : `./${nameOrPath}`;
  const arms = experiment.arms.map((arm) => ({ ...arm, set: { ...arm.set, policy } }));
  return checked({ ...experiment, base: { ...experiment.base, policy }, arms });
}

function checked(value: unknown): Experiment {
  const parsed = parseExperiment(value, POLICIES);
  if (parsed.ok) return parsed.value;
  throw new RlvrError({ kind: 'badRecipe', detail: problemText(parsed.problems) });
}
