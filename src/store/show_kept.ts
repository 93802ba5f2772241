import type { KeptRun } from '../storage/run_file';
import { receiveEvaluation } from './findings';
import { showSeries } from './kept_run';
import { series } from './series';

/** Puts what a run had measured after `step` onto the page, whose series are empty. */
export function showKept(run: KeptRun, step: number): void {
  showSeries(run, series, step);
  for (const evaluation of run.evaluations) {
    if (evaluation.step > step) continue;
    receiveEvaluation(evaluation.step, { [evaluation.run]: evaluation.values });
  }
}
