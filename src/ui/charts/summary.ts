import type { Arm } from '../../store/experiment';
import type { SeriesStore } from '../../store/series';
import { curvesOf, type Chart } from './chart';

/**
 * A chart in a sentence: where each curve began and where it is, with the range of its seeds where there are several.
 * "Entropy of 2 arms over 24 steps: GRPO from 0.960 to 0.090; λ 0.5 from 0.960 to 0.120."
 */
export function summarise(
  chart: Chart,
  store: SeriesStore,
  arms: readonly Arm[],
  chosenArm: string | null,
): string {
  const curves = curvesOf(chart, arms, chosenArm);
  const steps = Math.max(0, ...arms.map(({ id }) => store.of(id).last('step') || 0));
  if (steps === 0) return `${chart.title}: nothing trained yet.`;
  const parts = curves.flatMap(({ arm, name, metric }) => {
    const ends = endsOf(store.of(arm.id).view(metric));
    if (ends === null) return [];
    const [first, last] = ends.map((value) => chart.format(value));
    return [`${name} from ${first} to ${last}${seedsIn(store, arm.id, metric, chart)}`];
  });
  const whose = new Set(curves.map(({ arm }) => arm.id)).size;
  const what = `${chart.title} of ${counted(whose, 'arm')} over ${counted(steps, 'step')}`;
  if (parts.length === 0) return `${what}: ${chart.absent ?? 'no number in this run.'}`;
  return `${what}: ${parts.join('; ')}.`;
}

function seedsIn(
  store: SeriesStore,
  arm: string,
  metric: Parameters<ReturnType<SeriesStore['of']>['view']>[0],
  chart: Chart,
): string {
  const lasts = [...store.seeds(arm).values()].flatMap((columns) => {
    const ends = endsOf(columns.view(metric));
    return ends === null ? [] : [ends[1]];
  });
  if (lasts.length < 2) return '';
  const [low, high] = [Math.min(...lasts), Math.max(...lasts)].map((value) => chart.format(value));
  return ` (mean of ${lasts.length} seeds, at the end ${low} to ${high})`;
}

/** First and last number of a column; null where it has none. */
function endsOf(column: Float64Array): readonly [number, number] | null {
  const first = column.find(Number.isFinite);
  const last = column.findLast(Number.isFinite);
  return first === undefined || last === undefined ? null : [first, last];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
