import { changed } from '../recipe/difference';
import type { Experiment } from '../recipe/experiment';
import { decodeExperiment, encodeExperiment } from '../recipe/link';
import type { Result } from '../recipe/untrusted';
import { measurePlan, useExperiment } from './experiment';
import { aboutNow } from './history';

/** `?experiment=who-drives` names one of the catalogue; `#x=...` holds one. */
const KEY = 'experiment';
const HELD = '#x=';

/** The experiment that the page's address asks for by name; null where it asks for none. */
export function experimentInLink(): string | null {
  return new URL(location.href).searchParams.get(KEY);
}

/** The experiment that the page's address holds; null where it holds none. */
export function experimentHeldByLink(): Result<Experiment> | null {
  const { hash } = location;
  return hash.startsWith(HELD) ? decodeExperiment(hash.slice(HELD.length)) : null;
}

/** Makes the address a link to an experiment of the catalogue; null, the default, needs none. */
export function linkTo(experiment: string | null): void {
  const url = new URL(location.href);
  if (experiment === null) url.searchParams.delete(KEY);
  else url.searchParams.set(KEY, experiment);
  if (url.hash.startsWith(HELD)) url.hash = '';
  history.replaceState(history.state, '', url);
}

/** Makes the address a link that holds the experiment as it is on the page now, and returns it. */
export function linkToPage(): string {
  const url = new URL(location.href);
  url.searchParams.delete(KEY);
  url.hash = `${HELD}${encodeExperiment(experimentNow())}`.slice(1);
  history.replaceState(history.state, '', url);
  return url.href;
}

/** The experiment with the settings as they are in the controls. */
export function experimentNow(): Experiment {
  const { name, base, arms, seeds, evaluate } = useExperiment.getState();
  return {
    version: 1,
    name,
    about: aboutNow(),
    base,
    // A seed belongs to the list of seeds, not to an arm.
    arms: arms.map((arm) => ({
      name: arm.name,
      set: changed({ ...arm.recipe, seed: base.seed }, base),
    })),
    seeds,
    evaluate,
    measure: measurePlan(),
  };
}
