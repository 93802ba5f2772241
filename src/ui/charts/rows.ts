import { decimate } from '../../store/decimate';
import { isMonotonic, isShared, rowsWithin, type Look } from './look';
import type { Line, Trace } from './trace';

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

/**
 * The rows to draw, about `most`. On an axis the arms do not share, each row belongs to one line and the others skip it:
 * twice as many rows then, shared out among the lines.
 */
export function rowsOf(traces: readonly Trace[], look: Look, most: number): Row[] {
  if (isShared(look.axis)) return sharedRows(traces, look, most);
  const lines = traces.reduce(
    (sum, trace) => sum + 1 + (shadowApart(trace, look) ? 1 : 0) + seedsShown(trace, look).length,
    0,
  );
  const each = Math.max(LEAST_OF_LINE, Math.floor((2 * most) / Math.max(1, lines)));
  return traces.flatMap((trace) => ownRows(trace, look, Math.min(most, each)));
}

/** Fewer points than this are no curve. */
const LEAST_OF_LINE = 24;

/** Along the reward the shadow's points lie elsewhere than the curve's. */
function shadowApart({ raw }: Trace, { axis }: Look): boolean {
  return raw !== null && !isMonotonic(axis);
}

function seedsShown({ curve, seeds }: Trace, { seedsOf }: Look): Trace['seeds'] {
  return curve.arm.id === seedsOf ? seeds : [];
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

/** Half of the rows evenly, so that all curves are smooth, and half where some column has its extremes. */
function kept(traces: readonly Trace[], from: number, to: number, most: number): number[] {
  const count = to - from;
  if (count <= most) return Array.from({ length: count }, (_, i) => from + i);
  const columns = traces.flatMap(({ y, raw, band }) => [
    raw?.y ?? y,
    ...(band === null ? [] : [band.low, band.high]),
  ]);
  const half = Math.floor(most / 2);
  const even = Array.from({ length: half }, (_, i) => Math.round((i * (count - 1)) / (half - 1)));
  const each = Math.max(4, Math.floor(half / columns.length));
  const extremes = columns.flatMap((column) => decimate(column.subarray(from, to), each));
  return [...new Set([...even, ...extremes])].map((i) => i + from).sort((a, b) => a - b);
}

function cells(trace: Trace, i: number, look: Look): Cell[] {
  const { curve, y, raw, band } = trace;
  const { key } = curve;
  const row: Cell[] = [[key, finite(y[i])]];
  if (raw !== null) row.push([rawKey(key), finite(raw.y[i])]);
  if (band !== null) {
    row.push([lowKey(key), finite(band.low[i])], [highKey(key), finite(band.high[i])]);
  }
  for (const { seed, y: values } of seedsShown(trace, look)) {
    row.push([seedKey(key, seed), finite(values[i])]);
  }
  return row;
}

/** A seed's tokens, and its reward, are its own: so are the rows of its line. */
function ownRows(trace: Trace, look: Look, most: number): Row[] {
  const { curve, steps, raw } = trace;
  const { key } = curve;
  const [from, to] = rowsWithin(steps, look.zoom);
  const apart = raw !== null && shadowApart(trace, look) ? raw : null;
  const points = (line: Line, cellsAt: (i: number) => readonly Cell[]): Row[] =>
    decimate(line.y.subarray(from, to), most).map((at) => ({
      x: line.x[from + at] ?? NaN,
      step: steps[from + at] ?? from + at,
      ...Object.fromEntries(cellsAt(from + at)),
    }));
  const alone = (line: Line, name: string) => points(line, (i) => [[name, finite(line.y[i])]]);
  const together = { ...look, seedsOf: null };
  return [
    ...points(apart === null && raw !== null ? raw : trace, (i) =>
      cells(apart === null ? trace : { ...trace, raw: null }, i, together),
    ),
    ...(apart === null ? [] : alone(apart, rawKey(key))),
    ...seedsShown(trace, look).flatMap((line) => alone(line, seedKey(key, line.seed))),
  ];
}

type Cell = readonly [string, number | null];

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
