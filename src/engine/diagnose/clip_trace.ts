import { NEUTRAL, type RunSettings } from '../../gpu/run_settings';
import { STAT } from '../update_stats';
import { NUMBERS_PER_TOKEN, type MeasuredRow, type TokenStats, type Workbench } from './workbench';

/** What the next update would do after `update` updates on the same batch. */
export interface ClipPoint {
  readonly update: number;
  /** Sums over tokens of a sign that clipping has left a gradient, divided by all response tokens. */
  readonly drive_positive: number;
  readonly drive_negative: number;
  readonly clip_low_fraction: number;
  readonly clip_high_fraction: number;
  /** Mean probability, when they were drawn, of the tokens of a sign inside and outside their clip; null of none. */
  readonly probability_positive_kept: number | null;
  readonly probability_positive_clipped: number | null;
  readonly probability_negative_kept: number | null;
  readonly probability_negative_clipped: number | null;
}

/**
 * How clipping selects: a batch is updated on again and again, and after each update the drives of both signs are looked
 * at, with the recipe's clip and without its lower bound. Means over several batches.
 */
export interface ClipTraceMeasure {
  readonly kind: 'clip-trace';
  readonly step: number;
  readonly batches: number;
  readonly with_lower_clip: readonly ClipPoint[];
  readonly without_lower_clip: readonly ClipPoint[];
}

/** Prompts beyond those of one minibatch go to further batches. */
export async function measureClipTrace(
  bench: Workbench,
  prompts: number,
): Promise<ClipTraceMeasure[]> {
  // A batch is one minibatch: of a group that does not fit, as many responses as do.
  const { minibatchRows } = bench.runs.shape;
  const size = Math.min(bench.states[0]?.recipe.group_size ?? 1, minibatchRows);
  const perBatch = Math.max(1, Math.floor(minibatchRows / size));
  const batches = Math.max(1, Math.floor(prompts / perBatch));
  const traces = { with: [] as ClipPoint[][][], without: [] as ClipPoint[][][] };
  for (let b = 0; b < batches; b++) {
    const rows = await bench.sample('train', perBatch, size, { first: b * perBatch });
    traces.with.push(await bench.restoring(() => trace(bench, rows, true)));
    traces.without.push(await bench.restoring(() => trace(bench, rows, false)));
  }
  return bench.states.map((_, run) => ({
    kind: 'clip-trace',
    step: bench.step,
    batches,
    with_lower_clip: meanPoints(traces.with.map((runs) => runs[run] ?? [])),
    without_lower_clip: meanPoints(traces.without.map((runs) => runs[run] ?? [])),
  }));
}

/** Most updates that are traced; enough for the drive of negative tokens to turn. */
const UPDATES = 16;

/** One batch: a point before each update and after the last, by run. */
async function trace(
  bench: Workbench,
  rows: readonly (readonly MeasuredRow[])[],
  lowerClip: boolean,
): Promise<ClipPoint[][]> {
  const points: ClipPoint[][] = rows.map(() => []);
  const all = rows.map((own) => own.map((_, i) => i));
  await bench.prepare(rows);
  for (let update = 0; update <= UPDATES; update++) {
    const used: RunSettings[] = [];
    const stats = await bench.update(rows, all, update, (settings, run) => {
      const changed = lowerClip
        ? settings
        : { ...settings, clip_low: 1, clip_low_slope: 0, dual_clip: 0 };
      used[run] = changed;
      return changed;
    });
    const perToken = await bench.tokenStats(rows);
    points.forEach((own, run) => {
      const sums = stats[run]?.sums;
      const tokens = Math.max(1, sums?.[STAT.tokens] ?? 0);
      own.push({
        update,
        drive_positive: sums?.[STAT.drivePositive] ?? 0,
        drive_negative: sums?.[STAT.driveNegative] ?? 0,
        clip_low_fraction: (sums?.[STAT.clipLow] ?? 0) / tokens,
        clip_high_fraction: (sums?.[STAT.clipHigh] ?? 0) / tokens,
        ...probabilities(rows[run] ?? [], perToken[run] ?? [], used[run] ?? NEUTRAL),
      });
    });
  }
  return points;
}

/** Mean old probabilities by sign and side of the clip. */
function probabilities(
  rows: readonly MeasuredRow[],
  tokens: readonly TokenStats[],
  settings: RunSettings,
) {
  const sums = { positive: [0, 0, 0, 0], negative: [0, 0, 0, 0] };
  rows.forEach(({ advantage, logprob }, b) => {
    if (advantage === 0) return;
    const sum = advantage > 0 ? sums.positive : sums.negative;
    logprob.forEach((old, t) => {
      const [logprob = 0, , ratio = 1] = tokens[b]?.subarray(t * NUMBERS_PER_TOKEN) ?? [];
      const p = Math.exp(logprob);
      const high = Math.max(0, settings.clip_high + settings.clip_high_slope * p);
      const low = Math.max(0, settings.clip_low + settings.clip_low_slope * p);
      const clipped = advantage > 0 ? ratio > 1 + high : ratio < 1 - low;
      const at = clipped ? 2 : 0;
      sum[at] = (sum[at] ?? 0) + Math.exp(old);
      sum[at + 1] = (sum[at + 1] ?? 0) + 1;
    });
  });
  const mean = ([total = 0, count = 0]: readonly number[]) => (count > 0 ? total / count : null);
  return {
    probability_positive_kept: mean(sums.positive),
    probability_positive_clipped: mean(sums.positive.slice(2)),
    probability_negative_kept: mean(sums.negative),
    probability_negative_clipped: mean(sums.negative.slice(2)),
  };
}

function meanPoints(batches: readonly (readonly ClipPoint[])[]): ClipPoint[] {
  return (batches[0] ?? []).map((first, i) => {
    const keys = Object.keys(first) as (keyof ClipPoint)[];
    const means = keys.map((key) => {
      const values = batches.flatMap((points) => points[i]?.[key] ?? []);
      const sum = values.reduce((total, value) => total + value, 0);
      return [key, values.length > 0 ? sum / values.length : null] as const;
    });
    return Object.fromEntries(means) as unknown as ClipPoint;
  });
}
