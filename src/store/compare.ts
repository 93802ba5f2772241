import { create } from 'zustand';
import type { KeptRun } from '../storage/run_file';
import { openShelf, runOnPage } from './autosave';
import type { MetricKey } from './columns';
import { FIRST_COMPARED, type Side } from './comparison';
import { runId } from './run_id';
import { SeriesStore } from './series';
import type { ShownLog } from './trainer_logs';
import type { StepMetrics } from '../rl/metrics';
import { showSeries } from './kept_run';

/** Stands for the run on the page in the place of a kept run's id. */
export const ON_PAGE = 'page';

/** Which run, and which of its arms by place; null: nothing is chosen. */
export interface Choice {
  readonly run: string;
  readonly arm: number;
}

/** The two arms to compare, and in what. */
export const useCompare = create<{
  readonly first: Choice | null;
  readonly second: Choice | null;
  readonly quantities: readonly MetricKey[];
}>(() => ({ first: null, second: null, quantities: FIRST_COMPARED }));

/** Compares two kept runs: their first arms, to begin with; or two arms of one run. */
export function chooseRuns(first: string, second: string): void {
  useCompare.setState({
    first: { run: first, arm: 0 },
    second: { run: second, arm: first === second ? 1 : 0 },
  });
}

/** Compares in a quantity, or no longer. */
export function toggleQuantity(quantity: MetricKey): void {
  useCompare.setState(({ quantities }) => ({
    quantities: quantities.includes(quantity)
      ? quantities.filter((own) => own !== quantity)
      : [...quantities, quantity],
  }));
}

/** The run that a choice names; null where it cannot be read. */
export async function runNamed(id: string): Promise<KeptRun | null> {
  if (id === ON_PAGE) return runOnPage();
  try {
    const loaded = await (await openShelf()).load(id);
    return loaded.ok ? loaded.value.run : null;
  } catch {
    return null;
  }
}

/** The series of two arms of any runs as those of `arm-1` and `arm-2`, and of logs as `log-1` and on. */
export function seriesOfTwo(
  first: Side,
  second: Side,
  logs: readonly ShownLog[] = [],
): SeriesStore {
  const store = new SeriesStore();
  [first, second].forEach(({ run, arm }, i) => {
    const id = `arm-${i + 1}`;
    const own = run.experiment.seeds.flatMap((seed) => {
      const columns = run.series.get(runId(arm, seed));
      return columns === undefined ? [] : [[runId(id, seed), columns] as const];
    });
    const marks = run.marks
      .filter((mark) => mark.arm === arm)
      .map((mark) => ({ ...mark, arm: id }));
    showSeries({ ...run, series: new Map(own), marks }, store);
  });
  logs.forEach(({ steps, columns }, l) => {
    for (let i = 0; i < steps; i++) {
      const values = [...columns].map(([key, column]) => [key, column[i] ?? NaN]);
      // What a log does not have stays empty, like a column of an older run.
      const row = { ...Object.fromEntries(values), step: i + 1 } as unknown as StepMetrics;
      store.append({ [runId(`log-${l + 1}`, 0)]: row });
    }
  });
  return store;
}
