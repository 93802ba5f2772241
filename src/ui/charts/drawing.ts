import type { Arm } from '../../store/experiment';
import type { SeriesStore } from '../../store/series';
import type { AxisKind, StepRange } from '../../store/view';
import { count, decimal } from '../format';
import { curvesOf, type Chart } from './chart';
import { isMonotonic, zoomWithin, type Look } from './look';
import { placeMarks, type Curve, type PlacedMark } from './plot';
import { entropyReferences, rewardReferences, type Reference } from './references';
import { rowsOf, type Row } from './rows';
import {
  decimalsOf,
  logTicks,
  ticksBetween,
  ticksFromTo,
  ticksOver,
  ticksTo,
  ticksUntil,
} from './ticks';
import { extentOf, trace, widthOf, type Extent, type Trace } from './trace';

/** What there is to draw from. */
export interface Given {
  readonly store: SeriesStore;
  /** Those that are shown. */
  readonly arms: readonly Arm[];
  readonly chosenArm: string | null;
  /** Steps of the experiment. */
  readonly total: number;
  readonly look: Look;
  /** New steps come in. */
  readonly running: boolean;
}

/** A chart worked out, ready to be plotted. */
export interface Drawing {
  readonly curves: readonly Curve[];
  readonly rows: readonly Row[];
  readonly marks: readonly PlacedMark[];
  readonly references: readonly Reference[];
  readonly chosenArm: string | null;
  readonly axis: AxisKind;
  /** As far as the run reaches. */
  readonly zoom: StepRange | null;
  readonly smoothing: number;
  /** Keys of `curves` with a band. */
  readonly banded: readonly string[];
  /** Single seeds of one arm. */
  readonly seeds: readonly { readonly curve: Curve; readonly seed: number }[];
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly log: boolean;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  /** Said in the place of curves. */
  readonly empty: string | null;
}

/** A chart before anybody sees it. */
export const NOTHING_DRAWN: Drawing = {
  curves: [],
  rows: [],
  marks: [],
  references: [],
  chosenArm: null,
  axis: 'step',
  zoom: null,
  smoothing: 0,
  banded: [],
  seeds: [],
  xTicks: [],
  yTicks: [],
  log: false,
  formatX: count,
  formatY: count,
  empty: null,
};

/** Most rows of a chart: recharts lays out all of them at every redraw, and a small chart has fewer pixels to show. */
export const MOST_POINTS = { large: 300, small: 120 } as const;

/** So many curves redraw with all their rows four times a second; more of them share the points out. */
const CURVES_AT_FULL = 5;

/** The rows a chart may have while the run goes on, so that a redraw stays short. */
export function rowsWhileRunning(most: number, curves: number): number {
  return Math.min(most, Math.max(48, Math.floor((most * CURVES_AT_FULL) / Math.max(1, curves))));
}

function referencesOf({ id }: Chart, { store, arms, look }: Given): readonly Reference[] {
  if (id === 'entropy') return entropyReferences(store, arms, look.fullEntropyScale);
  return id === 'reward' ? rewardReferences(store, arms) : [];
}

/** Works a chart out; `most` bounds its rows. */
export function draw(chart: Chart, given: Given, most: number): Drawing {
  const { store, arms, chosenArm, total, running } = given;
  const zoom = zoomWithin(given.look.zoom, total);
  const look = { ...given.look, zoom };
  const { axis } = look;
  const curves = curvesOf(chart, arms, chosenArm);
  const traces = curves.map((curve) => trace(store, curve, look));
  const extent = extentOf(traces, zoom);
  const references = referencesOf(chart, given);
  const log = look.logScale && extent.low > 0 && extent.high >= extent.low;
  const yTicks = verticalTicks(chart, extent, references, zoom !== null, log);
  const decimals = decimalsOf(yTicks);
  return {
    curves,
    rows: rowsOf(traces, look, running ? rowsWhileRunning(most, curves.length) : most),
    marks: placeMarks(
      store,
      curves.map((curve) => curve.arm),
      curves[0]?.metric ?? 'entropy',
      axis,
      zoom,
    ),
    references,
    chosenArm,
    axis,
    zoom,
    smoothing: look.smoothing,
    banded: traces.filter(({ band }) => band !== null).map(({ curve }) => curve.key),
    seeds: traces
      .filter(({ curve }) => curve.arm.id === look.seedsOf)
      .flatMap(({ curve, seeds }) => seeds.map(({ seed }) => ({ curve, seed }))),
    xTicks: horizontalTicks(traces, axis, zoom, total),
    yTicks,
    log,
    formatX: axis === 'reward' ? (value) => decimal(value, 1) : count,
    formatY: (value) => chart.formatTick(value, log ? decimalsOf([0, value]) : decimals),
    empty: absence(chart, traces),
  };
}

/** Why nothing is drawn although steps have come; null where something is, or none have. */
function absence(chart: Chart, traces: readonly Trace[]): string | null {
  const measured = traces.some(({ steps }) => steps.length > 0);
  const { high } = extentOf(traces, null);
  if (!measured || high > -Infinity) return null;
  return chart.absent ?? 'This run has no number for it.';
}

function verticalTicks(
  chart: Chart,
  { low, high }: Extent,
  references: readonly Reference[],
  zoomed: boolean,
  log: boolean,
): number[] {
  const reach = references.filter((reference) => reference.reach).map(({ y }) => y);
  const top = Math.max(high, ...reach);
  if (log) return logTicks(low, top);
  // Zoomed in, the window is filled; near 0, from 0 on.
  if (zoomed && high >= low) return ticksBetween(low >= 0 && low < top * 0.4 ? 0 : low, top);
  const least = reach.length > 0 ? Math.max(...reach) : chart.least;
  return ticksOver(
    Math.min(low, 0),
    Math.min(Math.max(high, least) * 1.02, chart.most ?? Infinity),
  );
}

/** Steps run to the end of the experiment from the start, so that a curve's length says how far it is. */
function horizontalTicks(
  traces: readonly Trace[],
  axis: AxisKind,
  zoom: StepRange | null,
  total: number,
): number[] {
  if (!isMonotonic(axis)) return [0, 0.2, 0.4, 0.6, 0.8, 1];
  if (axis === 'step') {
    return zoom === null ? ticksUntil(Math.max(total, 4)) : ticksFromTo(zoom.from, zoom.to);
  }
  const { low, high } = widthOf(traces, zoom);
  if (zoom !== null && high > low) return ticksBetween(low, high);
  return ticksTo(Math.max(high, 10));
}
