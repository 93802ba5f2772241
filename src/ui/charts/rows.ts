import { decimate } from '../../store/decimate';
import { isShared, rowsWithin, type Look } from './look';
import type { Trace } from './trace';

/**
 * One row of recharts' data: the horizontal value, the step, and a value per curve under its key (null: it has none).
 * Beside each curve's key there may be those of its shadow, its band and its seeds.
 */
export type Row = { readonly x: number; readonly step: number } & Readonly<
  Record<string, number | null>
>;

export const rawKey = (key: string) => `${key} raw`;
export const lowKey = (key: string) => `${key} low`;
export const highKey = (key: string) => `${key} high`;
export const seedKey = (key: string, seed: number) => `${key} seed ${seed}`;

/** The band of a curve, for recharts: the same function for the same key, or every redraw would look like a new chart. */
export function bandOf(key: string): (row: Row) => [number, number] | null {
  let band = bands.get(key);
  if (band === undefined) {
    band = (row) => {
      const low = row[lowKey(key)];
      const high = row[highKey(key)];
      return low == null || high == null ? null : [low, high];
    };
    bands.set(key, band);
  }
  return band;
}

const bands = new Map<string, (row: Row) => [number, number] | null>();

/** The rows to draw. On an axis the arms do not share, each row belongs to one line and the others skip it. */
export function rowsOf(traces: readonly Trace[], look: Look, most: number): Row[] {
  if (isShared(look.axis)) return sharedRows(traces, look, most);
  return traces.flatMap((trace) => ownRows(trace, look, most));
}

function sharedRows(traces: readonly Trace[], look: Look, most: number): Row[] {
  const longest = traces.reduce<Trace | null>(
    (best, trace) => (best === null || trace.steps.length > best.steps.length ? trace : best),
    null,
  );
  if (longest === null) return [];
  const [from, to] = rowsWithin(longest.steps, look.zoom);
  return kept(traces, from, to, most).map((i) => ({
    x: longest.x[i] ?? i,
    step: longest.steps[i] ?? i,
    ...Object.fromEntries(traces.flatMap((trace) => cells(trace, i, look))),
  }));
}

/** Rows that keep the extremes of every column, its shadow and its band. */
function kept(traces: readonly Trace[], from: number, to: number, most: number): number[] {
  if (to - from <= most) return Array.from({ length: to - from }, (_, i) => from + i);
  const columns = traces.flatMap(({ y, raw, band }) => [
    raw?.y ?? y,
    ...(band === null ? [] : [band.low, band.high]),
  ]);
  const each = Math.max(4, Math.floor(most / columns.length));
  const all = columns.flatMap((column) => decimate(column.subarray(from, to), each));
  return [...new Set(all)].map((i) => i + from).sort((a, b) => a - b);
}

function cells({ curve, y, raw, band, seeds }: Trace, i: number, look: Look) {
  const { key, arm } = curve;
  const row: [string, number | null][] = [[key, finite(y[i])]];
  if (raw !== null) row.push([rawKey(key), finite(raw.y[i])]);
  if (band !== null) {
    row.push([lowKey(key), finite(band.low[i])], [highKey(key), finite(band.high[i])]);
  }
  if (look.seedsOf === arm.id) {
    for (const { seed, y: values } of seeds) row.push([seedKey(key, seed), finite(values[i])]);
  }
  return row;
}

/** A seed's tokens, and its reward, are its own: so are the rows of its line. */
function ownRows({ curve, x, y, steps, raw, band, seeds }: Trace, look: Look, most: number): Row[] {
  const { key, arm } = curve;
  const [from, to] = rowsWithin(steps, look.zoom);
  const points = (line: Pick<Trace, 'x' | 'y'>, name: string): Row[] =>
    decimate(line.y.subarray(from, to), most).map((at) => ({
      x: line.x[from + at] ?? NaN,
      step: steps[from + at] ?? from + at,
      [name]: finite(line.y[from + at]),
      ...(name === key &&
        band !== null && {
          [lowKey(key)]: finite(band.low[from + at]),
          [highKey(key)]: finite(band.high[from + at]),
        }),
    }));
  return [
    ...points({ x, y }, key),
    ...(raw === null ? [] : points(raw, rawKey(key))),
    ...(look.seedsOf === arm.id
      ? seeds.flatMap((line) => points(line, seedKey(key, line.seed)))
      : []),
  ];
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
