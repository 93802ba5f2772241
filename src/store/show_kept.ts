import type { KeptRun } from '../storage/run_file';
import { receiveEvaluation, receiveMeasurement } from './findings';
import { experimentOf, showSeries } from './kept_run';
import { isReadable, recordedGroup } from './recorded_rollouts';
import { receiveGroups } from './rollouts';
import { runOf } from './run_id';
import { series } from './series';

/** Puts what a run had measured after `step`, and the rollouts shown until then, onto the page, whose series are empty. */
export function showKept(run: KeptRun, step: number): void {
  showSeries(run, series, step);
  for (const { step: after, run: of, values } of run.evaluations) {
    if (after <= step) receiveEvaluation(after, { [of]: values });
  }
  for (const { step: after, run: of, kind, values } of run.measurements) {
    if (after <= step) receiveMeasurement(after, kind, { [of]: values });
  }
  const { arms } = experimentOf(run, step);
  for (const { run: of, groups } of run.rollouts) {
    const arm = arms.find(({ id }) => id === runOf(of).arm);
    for (const group of groups) {
      // One at a time: of several of an arm only one would stay.
      if (arm !== undefined && group.step <= step && isReadable(arm.recipe, group)) {
        receiveGroups([recordedGroup(of, arm.recipe, group)]);
      }
    }
  }
}
