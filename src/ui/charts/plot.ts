import type { MetricKey } from '../../store/columns';
import type { Arm } from '../../store/experiment';
import type { Mark, SeriesStore } from '../../store/series';
import type { AxisKind, StepRange } from '../../store/view';
import { settingInWords } from '../format';

/** One curve: a column of one arm. */
export interface Curve {
  readonly key: string;
  readonly arm: Arm;
  /** Name in the legend, the tooltip and the data table. */
  readonly name: string;
  readonly metric: MetricKey;
  /** Overrides the arm's dash pattern where the dash says something else. */
  readonly dash?: string;
}

/** A mark where it is drawn: at `x`, and on its arm's curve at `y` where that has come so far. */
export interface PlacedMark {
  readonly key: string;
  readonly arm: Arm;
  readonly step: number;
  readonly x: number;
  readonly y: number | null;
  readonly label: string;
}

const SYMBOLS: Readonly<Record<string, string>> = {
  positive_weight: 'λ',
  negative_weight: 'weight of negatives',
  clip_low: 'clip low',
  clip_high: 'clip high',
  learning_rate: 'learning rate',
  entropy_coef: 'entropy bonus',
  kl_coef: 'KL',
};

/** A setting's short name on marks. */
export function symbol(name: string): string {
  return SYMBOLS[name] ?? name.replaceAll('_', ' ');
}

/** Marks of the arms that are drawn. On the reward axis a mark is a point only: reward does not run one way. */
export function placeMarks(
  store: SeriesStore,
  arms: readonly Arm[],
  metric: MetricKey,
  axis: AxisKind,
  zoom: StepRange | null = null,
): PlacedMark[] {
  return store.marks.flatMap((mark) => {
    const arm = arms.find((candidate) => candidate.id === mark.arm);
    if (arm === undefined) return [];
    if (zoom !== null && (mark.step < zoom.from || mark.step > zoom.to)) return [];
    const columns = store.of(arm.id);
    const row = columns.view('step').indexOf(mark.step);
    const x = row < 0 ? (axis === 'step' ? mark.step : NaN) : (columns.view(axis)[row] ?? NaN);
    if (!Number.isFinite(x)) return [];
    const y = row < 0 ? NaN : (columns.view(metric)[row] ?? NaN);
    const key = `${mark.arm} ${mark.setting} ${mark.step}`;
    const placed = Number.isFinite(y) ? y : null;
    return [{ key, arm, step: mark.step, x, y: placed, label: describeMark(mark) }];
  });
}

export function describeMark(mark: Mark): string {
  return `${symbol(mark.setting)} ${settingInWords(mark.from)} to ${settingInWords(mark.to)}`;
}
