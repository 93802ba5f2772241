import type { Columns } from '../../store/columns';
import type { SeriesStore } from '../../store/series';
import { isMonotonic, rowsWithin, type Look } from './look';
import type { Curve } from './plot';
import { smooth } from './smooth';

/** One line: where its points lie and how high. */
export interface Line {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** The numbers of a curve, a row for each step that has been measured. */
export interface Trace extends Line {
  readonly curve: Curve;
  readonly steps: Float64Array;
  /** As measured, where `y` is smoothed; else null. */
  readonly raw: Line | null;
  /** Lowest and highest of several seeds at each row; null of one seed, and where rows of seeds lie elsewhere. */
  readonly band: { readonly low: Float64Array; readonly high: Float64Array } | null;
  /** Each of several seeds; empty of one. */
  readonly seeds: readonly (Line & { readonly seed: number })[];
}

/** A curve's numbers in the present look: seeds are smoothed each, so that the mean stays within its band. */
export function trace(store: SeriesStore, curve: Curve, look: Look): Trace {
  const mean = store.of(curve.arm.id);
  const several = [...store.seeds(curve.arm.id)];
  const seeds =
    several.length < 2
      ? []
      : several.map(([seed, columns]) => ({ seed, ...line(columns, curve, look) }));
  return {
    curve,
    steps: mean.view('step'),
    ...line(mean, curve, look),
    raw: look.smoothing > 0 ? line(mean, curve, { ...look, smoothing: 0 }) : null,
    band: seeds.length > 0 && isMonotonic(look.axis) ? envelope(seeds.map(({ y }) => y)) : null,
    seeds,
  };
}

function line(columns: Columns, { metric }: Curve, { axis, smoothing }: Look): Line {
  const x = columns.view(axis);
  return {
    // Reward is as shaky as what is plotted against it.
    x: isMonotonic(axis) ? x : smooth(x, smoothing),
    y: smooth(columns.view(metric), smoothing),
  };
}

/** Lowest and highest of several columns, row by row, among the values that are finite; NaN where none is. */
export function envelope(columns: readonly Float64Array[]): {
  readonly low: Float64Array;
  readonly high: Float64Array;
} {
  const rows = Math.max(0, ...columns.map((column) => column.length));
  const low = new Float64Array(rows).fill(NaN);
  const high = new Float64Array(rows).fill(NaN);
  for (const column of columns) {
    for (const [i, value] of column.entries()) {
      if (!Number.isFinite(value)) continue;
      if (!((low[i] ?? NaN) <= value)) low[i] = value;
      if (!((high[i] ?? NaN) >= value)) high[i] = value;
    }
  }
  return { low, high };
}

/** Smallest and largest number that is drawn; Infinity and −Infinity where there is none. */
export interface Extent {
  readonly low: number;
  readonly high: number;
}

/** How far the traces reach upwards and downwards within the zoom. */
export function extentOf(traces: readonly Trace[], zoom: Look['zoom']): Extent {
  return within(traces, zoom, ({ y, raw, band }) => [
    y,
    ...(raw === null ? [] : [raw.y]),
    ...(band === null ? [] : [band.low, band.high]),
  ]);
}

/** How far they reach sideways. */
export function widthOf(traces: readonly Trace[], zoom: Look['zoom']): Extent {
  return within(traces, zoom, ({ x }) => [x]);
}

function within(
  traces: readonly Trace[],
  zoom: Look['zoom'],
  columns: (trace: Trace) => readonly Float64Array[],
): Extent {
  let low = Infinity;
  let high = -Infinity;
  for (const each of traces) {
    const [from, to] = rowsWithin(each.steps, zoom);
    for (const column of columns(each)) {
      for (const value of column.subarray(from, to)) {
        if (!Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  return { low, high };
}
