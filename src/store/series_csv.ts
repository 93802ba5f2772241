import { csv, type Cell } from '../export/csv';
import type { MetricKey } from './columns';
import type { Arm } from './experiment';
import type { SeriesStore } from './series';
import type { AxisKind } from './view';

/** Every number measured, a row for each arm, seed and step; `x` is the step's place on the chosen axis. */
export function seriesCsv(
  store: SeriesStore,
  arms: readonly Pick<Arm, 'id' | 'name'>[],
  metrics: readonly MetricKey[],
  axis: AxisKind,
): string {
  return csv(['arm', 'seed', 'step', 'x', ...metrics], lines(store, arms, metrics, axis));
}

function* lines(
  store: SeriesStore,
  arms: readonly Pick<Arm, 'id' | 'name'>[],
  metrics: readonly MetricKey[],
  axis: AxisKind,
): Generator<Cell[]> {
  for (const { id, name } of arms) {
    for (const [seed, columns] of store.seeds(id)) {
      const steps = columns.view('step');
      const x = columns.view(axis);
      const values = metrics.map((metric) => columns.view(metric));
      for (const [i, step] of steps.entries()) {
        yield [name, seed, step, x[i] ?? null, ...values.map((column) => column[i] ?? null)];
      }
    }
  }
}
