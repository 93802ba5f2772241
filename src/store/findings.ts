import { useSyncExternalStore } from 'react';
import { create } from 'zustand';
import { MEASURE_KINDS, type MeasureKind } from '../recipe/measure';
import type { Found } from '../worker/protocol';
import { Ticker } from './ticker';

/** What was found of a run after some steps: an evaluation, or a measurement. */
export interface Finding {
  readonly step: number;
  readonly values: Found;
}

/** A finding of a measurement. */
export interface Measured extends Finding {
  readonly kind: MeasureKind;
}

const REDRAW_MS = 250;

let evaluations: ReadonlyMap<string, readonly Finding[]> = new Map();
let measurements: ReadonlyMap<string, readonly Finding[]> = new Map();
const ticker = new Ticker(REDRAW_MS);

/** What the page is waiting for, so that it is asked for once. */
export const usePending = create<{
  readonly evaluating: boolean;
  readonly measuring: MeasureKind | null;
  /** The worker has the weights of what is on the page. */
  readonly weights: boolean;
}>(() => ({ evaluating: false, measuring: null, weights: false }));

/** Evaluations of runs (see run_id.ts) after `step`; a later one of the same step replaces it. */
export function receiveEvaluation(step: number, runs: Readonly<Record<string, Found>>): void {
  const next = new Map(evaluations);
  for (const [run, values] of Object.entries(runs)) {
    const key = placeOf(run, values['on'] === 'training' ? 'training' : 'held-out');
    next.set(key, inserted(next.get(key), { step, values }));
  }
  evaluations = next;
  usePending.setState({ evaluating: false });
  ticker.touch();
}

/** In order of step; a later finding of the same step replaces it. */
function inserted(own: readonly Finding[] = [], finding: Finding): readonly Finding[] {
  const inOrder = (own.at(-1)?.step ?? -1) < finding.step;
  if (inOrder) return [...own, finding];
  const others = own.filter(({ step }) => step !== finding.step);
  return [...others, finding].sort((a, b) => a.step - b.step);
}

/** Measurements of runs after `step`; a later one of the same kind and step replaces it. */
export function receiveMeasurement(
  step: number,
  kind: MeasureKind,
  runs: Readonly<Record<string, Found>>,
): void {
  const next = new Map(measurements);
  for (const [run, values] of Object.entries(runs)) {
    const key = `${kind} ${run}`;
    next.set(key, inserted(next.get(key), { step, values }));
  }
  measurements = next;
  usePending.setState(({ measuring }) => ({ measuring: measuring === kind ? null : measuring }));
  ticker.bump();
}

export function clearFindings(): void {
  evaluations = new Map();
  measurements = new Map();
  usePending.setState({ evaluating: false, measuring: null });
  ticker.bump();
}

/** Which prompts an evaluation was made on. Those on training prompts say so under the key "on". */
export type EvaluatedOn = 'held-out' | 'training';

const placeOf = (run: string, on: EvaluatedOn) => `${on} ${run}`;

/** Every evaluation of a run so far, in order of step. */
export function evaluationsOf(run: string, on: EvaluatedOn = 'held-out'): readonly Finding[] {
  return evaluations.get(placeOf(run, on)) ?? [];
}

/** On both kinds of prompts. */
export function allEvaluationsOf(run: string): readonly Finding[] {
  return [...evaluationsOf(run), ...evaluationsOf(run, 'training')];
}

/** Every measurement of a kind so far, in order of step. */
export function measurementsOf(run: string, kind: MeasureKind): readonly Finding[] {
  return measurements.get(`${kind} ${run}`) ?? [];
}

/** Every measurement that there is of a run, kind by kind in order of step. */
export function allMeasurementsOf(run: string): readonly Measured[] {
  return MEASURE_KINDS.flatMap((kind) =>
    measurementsOf(run, kind).map((finding) => ({ ...finding, kind })),
  );
}

/** Renders the caller again when something was found. */
export function useFindingsVersion(): number {
  return useSyncExternalStore(ticker.subscribe, ticker.getVersion);
}
