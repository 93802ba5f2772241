import type { MetricKey } from '../../store/columns';
import { decimate } from '../../store/decimate';
import type { Arm } from '../../store/experiment';
import type { Mark, SeriesStore } from '../../store/series';
import type { AxisKind } from '../../store/view';
import { setting } from '../format';

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

/** One row of recharts' data: the horizontal value, the step, and a value per curve (null: the curve has none). */
export type Row = { readonly x: number; readonly step: number } & Readonly<
  Record<string, number | null>
>;

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

/** Arms step together, so steps and updates are shared; tokens and reward are each arm's own. */
export function isShared(axis: AxisKind): boolean {
  return axis === 'step' || axis === 'updates';
}

/** The rows to draw. On an axis the arms do not share, each row belongs to one arm and the curves skip the others'. */
export function rows(
  store: SeriesStore,
  curves: readonly Curve[],
  axis: AxisKind,
  most: number,
): Row[] {
  if (isShared(axis)) return sharedRows(store, curves, axis, most);
  return curves.flatMap((curve) => ownRows(store, curve, axis, most));
}

function sharedRows(
  store: SeriesStore,
  curves: readonly Curve[],
  axis: AxisKind,
  most: number,
): Row[] {
  const first = curves[0];
  if (first === undefined) return [];
  const columns = curves.map((curve) => store.of(curve.arm.id).view(curve.metric));
  const x = store.of(first.arm.id).view(axis);
  const steps = store.of(first.arm.id).view('step');
  const each = Math.max(4, Math.floor(most / curves.length));
  const longest = Math.max(...columns.map((column) => column.length));
  const kept =
    longest <= most
      ? Array.from({ length: longest }, (_, i) => i)
      : [...new Set(columns.flatMap((column) => decimate(column, each)))].sort((a, b) => a - b);
  return kept.map((i) => ({
    x: x[i] ?? i,
    step: steps[i] ?? i,
    ...Object.fromEntries(curves.map((curve, c) => [curve.key, finite(columns[c]?.[i])])),
  }));
}

function ownRows(store: SeriesStore, curve: Curve, axis: AxisKind, most: number): Row[] {
  const columns = store.of(curve.arm.id);
  const x = columns.view(axis);
  const y = columns.view(curve.metric);
  const steps = columns.view('step');
  return decimate(y, most).map((i) => ({
    x: x[i] ?? NaN,
    step: steps[i] ?? i,
    [curve.key]: finite(y[i]),
  }));
}

/** Marks of the arms that are drawn. On the reward axis a mark is a point only: reward does not run one way. */
export function placeMarks(
  store: SeriesStore,
  arms: readonly Arm[],
  metric: MetricKey,
  axis: AxisKind,
): PlacedMark[] {
  return store.marks.flatMap((mark) => {
    const arm = arms.find((candidate) => candidate.id === mark.arm);
    if (arm === undefined) return [];
    const columns = store.of(arm.id);
    const row = columns.view('step').indexOf(mark.step);
    const x = row < 0 ? (axis === 'step' ? mark.step : NaN) : (columns.view(axis)[row] ?? NaN);
    if (!Number.isFinite(x)) return [];
    const y = row < 0 ? null : finite(columns.view(metric)[row]);
    const key = `${mark.arm} ${mark.setting} ${mark.step}`;
    return [{ key, arm, step: mark.step, x, y, label: describeMark(mark) }];
  });
}

export function describeMark(mark: Mark): string {
  return `${symbol(mark.setting)} ${setting(mark.from)} to ${setting(mark.to)}`;
}

/** Largest value of the curves, or `least` where that is larger. */
export function highest(store: SeriesStore, curves: readonly Curve[], least: number): number {
  let most = least;
  for (const curve of curves) {
    for (const value of store.of(curve.arm.id).view(curve.metric)) {
      if (value > most) most = value;
    }
  }
  return most;
}

/** Smallest value of the curves, or 0 where none is below it. */
export function lowest(store: SeriesStore, curves: readonly Curve[]): number {
  let least = 0;
  for (const curve of curves) {
    for (const value of store.of(curve.arm.id).view(curve.metric)) {
      if (value < least) least = value;
    }
  }
  return least;
}

/** Most intervals between the ticks of an axis. */
const MOST_INTERVALS = 6.5;

/** Round tick values from 0 to at or above `top`, a handful of them. */
export function ticksTo(top: number): number[] {
  const power = 10 ** Math.floor(Math.log10(top));
  const steps = [0.1, 0.2, 0.5, 1, 2, 5].map((s) => s * power);
  const step = steps.find((s) => top / s <= MOST_INTERVALS) ?? power;
  const intervals = Math.ceil(top / step - 1e-9);
  return Array.from({ length: intervals + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** The same, continued below 0 as far as `low`. */
export function ticksOver(low: number, top: number): number[] {
  const upward = ticksTo(top);
  const step = upward[1] ?? top;
  const below = Math.max(0, Math.ceil(-low / step - 1e-9));
  const downward = Array.from({ length: below }, (_, i) =>
    Number(((i - below) * step).toPrecision(12)),
  );
  return [...downward, ...upward];
}

/** Ticks that end at `last` itself, a whole number, and not at the round one after it. */
export function ticksUntil(last: number): number[] {
  const ticks = ticksTo(last).filter((tick) => Number.isInteger(tick));
  const gap = (ticks[1] ?? last) / 2;
  return [...ticks.filter((tick) => last - tick >= gap), last];
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
