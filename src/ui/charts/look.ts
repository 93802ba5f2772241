import type { AxisKind, StepRange } from '../../store/view';

/** How the charts are looked at: the same for all of them. */
export interface Look {
  readonly axis: AxisKind;
  /** Null: the whole run. */
  readonly zoom: StepRange | null;
  readonly smoothing: number;
  readonly logScale: boolean;
  readonly fullEntropyScale: boolean;
  /** The arm whose seeds are drawn one by one. */
  readonly seedsOf: string | null;
}

/** Arms step together, so steps and updates are shared; tokens and reward are each arm's own. */
export function isShared(axis: AxisKind): boolean {
  return axis === 'step' || axis === 'updates';
}

/** Along all axes but the reward, a later step lies further to the right. */
export function isMonotonic(axis: AxisKind): boolean {
  return axis !== 'reward';
}

/** The zoom as far as the run reaches; null where nothing of it is left, as after a change of the experiment. */
export function zoomWithin(zoom: StepRange | null, total: number): StepRange | null {
  if (zoom === null) return null;
  const from = Math.max(0, zoom.from);
  const to = Math.min(zoom.to, total);
  return to - from >= 1 && (from > 1 || to < total) ? { from, to } : null;
}

/** The zoom moved by half its width, kept within the run. */
export function pan({ from, to }: StepRange, direction: -1 | 1, total: number): StepRange {
  const width = to - from;
  const wanted = from + direction * Math.max(1, Math.round(width / 2));
  const start = Math.max(Math.min(1, from), Math.min(wanted, total - width));
  return { from: start, to: start + width };
}

/** Rows, from the first to before the last, whose steps are within the zoom. Steps only grow. */
export function rowsWithin(steps: Float64Array, zoom: StepRange | null): readonly [number, number] {
  if (zoom === null) return [0, steps.length];
  return [rowAtOrAfter(steps, zoom.from), rowAtOrAfter(steps, zoom.to + 1)];
}

function rowAtOrAfter(steps: Float64Array, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? Infinity) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
