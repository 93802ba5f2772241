import type { Experiment } from '../recipe/experiment';
import { defaultExperiment, defaultRecord } from '../recipe/presets';
import { loadExperiment, useExperiment } from './experiment';
import { forgetHistory } from './history';
import { useView } from './view';

/** Puts an experiment on the page, its first arm chosen; nothing before it can be undone. Tells the worker nothing. */
export function place(
  experiment: Experiment,
  id: string | null,
  seeds: readonly number[] = experiment.seeds.slice(0, 1),
  record = id ?? defaultRecord(experiment),
): void {
  forgetHistory();
  loadExperiment(experiment, { id, seeds, record });
  useView.getState().choose(useExperiment.getState().arms[0]?.id ?? '');
}

export function placeDefault(software: boolean): void {
  place(defaultExperiment(software), null);
}
