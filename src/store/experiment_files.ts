import { parseCatalogue, type CatalogueEntry } from '../recipe/catalogue';
import { parseExperiment, type Experiment } from '../recipe/experiment';
import { refuse, type Result } from '../recipe/untrusted';
import { damaged, fetchJson } from './site_files';

/** The page has this many colours and dash patterns to tell arms apart. */
export const MOST_ARMS = 8;

/** Arms times seeds: what a page can draw and a laptop can hold. */
export const MOST_RUNS = 32;

/** The list of experiments, which are files of the page's own site. A refusal is a sentence for the reader. */
export async function fetchCatalogue(): Promise<Result<readonly CatalogueEntry[]>> {
  const file = await fetchJson('experiments/index.json', 'The list of experiments');
  if (!file.ok) return file;
  const list = parseCatalogue(file.value);
  return list.ok ? list : damaged('The list of experiments', list.problems[0]?.message);
}

/** One experiment of the list, found to be one that this page can train. */
export async function fetchExperiment({ id, name }: CatalogueEntry): Promise<Result<Experiment>> {
  const what = `The experiment “${name}”`;
  const file = await fetchJson(`experiments/${id}.json`, what);
  if (!file.ok) return file;
  const experiment = parseExperiment(file.value);
  if (!experiment.ok) return damaged(what, experiment.problems[0]?.message);
  const obstacle = notForThePage(experiment.value);
  return obstacle === null ? experiment : refuse(KEY, `${what} ${obstacle}.`);
}

/** Why an experiment is for the command line only; null where the page trains it. */
export function notForThePage({ arms, base }: Experiment): string | null {
  if (arms.length > MOST_ARMS) {
    return `has ${arms.length} arms, and this page draws ${MOST_ARMS} at most: run it on the command line`;
  }
  if (base.steps <= 1) return 'only measures and trains nothing: run it on the command line';
  return null;
}

const KEY = 'experiment';
