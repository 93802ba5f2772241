import type { Work } from '../pace';
import { STATS_WIDTH } from './activations';
import { passesOf, type RunsBuffers } from './buffers';
import type { Plans } from './plans';
import type { RunsShape } from './shapes';

/** Plans that a step is made of. */
export type TimedPlan = Exclude<keyof Plans, 'loss' | 'keptLoss' | 'softmax' | 'dot'>;

/** A sequence of dispatches, and how often it runs. */
export interface RepeatedPlan {
  readonly plan: TimedPlan;
  readonly times: number;
}

/** What an update of so many passes is made of. */
export function updatePlans(passes: number, selects: boolean): readonly RepeatedPlan[] {
  const optimiser: RepeatedPlan = { plan: 'optimiser', times: 1 };
  if (passes === 1)
    return [{ plan: selects ? 'selectingGradient' : 'gradient', times: 1 }, optimiser];
  const select: readonly RepeatedPlan[] = [
    { plan: 'tokens', times: passes },
    { plan: 'selection', times: 1 },
  ];
  return [
    ...(selects ? select : []),
    { plan: 'gradient', times: 1 },
    { plan: 'furtherGradient', times: passes - 1 },
    optimiser,
  ];
}

/** The gradient of a minibatch, summed over its passes. A selection of tokens takes a forward pass of all of them first. */
export function minibatchWork(
  { passes, rows, grads }: RunsBuffers,
  plans: Plans,
  shape: RunsShape,
  selects: boolean,
): Work {
  if (passes === null) return [selects ? plans.selectingGradient : plans.gradient];
  const { runs, minibatchRows, length } = shape;
  const { passRows, passes: count } = passesOf(shape);
  const rowBytes = rows.buffer.size;
  const tokens = passRows * (length - 1);
  const statsBytes = runs * tokens * STATS_WIDTH * 16;
  const take = (pass: number) => (encoder: GPUCommandEncoder) =>
    encoder.copyBufferToBuffer(passes.rows.buffer, pass * rowBytes, rows.buffer, 0, rowBytes);
  const takeSelection = (pass: number) => (encoder: GPUCommandEncoder) => {
    const { buffer } = grads.selection;
    for (let run = 0; run < runs; run++) {
      const from = (run * minibatchRows * (length - 1) + pass * tokens) * 16;
      const to = run * tokens * 16;
      encoder.copyBufferToBuffer(passes.selection.buffer, from, buffer, to, tokens * 16);
    }
  };
  const keepStats = (pass: number) => (encoder: GPUCommandEncoder) => {
    const { buffer } = passes.stats;
    encoder.copyBufferToBuffer(grads.stats.buffer, 0, buffer, pass * statsBytes, statsBytes);
  };
  const all = Array.from({ length: count }, (_, pass) => pass);
  const select: Work = [...all.flatMap((pass) => [take(pass), plans.tokens]), plans.selection];
  const gradients = all.flatMap((pass): Work => [
    take(pass),
    ...(selects ? [takeSelection(pass)] : []),
    pass === 0 ? plans.gradient : plans.furtherGradient,
    keepStats(pass),
  ]);
  return selects ? [...select, ...gradients] : gradients;
}

/** Rows (R, minibatchRows, 4) as (passes, R, passRows, 4). */
export function rowsByPass(
  rows: Uint32Array<ArrayBuffer>,
  shape: RunsShape,
): Uint32Array<ArrayBuffer> {
  const { passRows, passes } = passesOf(shape);
  const size = passRows * 4;
  const ordered = new Uint32Array(rows.length);
  for (let pass = 0; pass < passes; pass++) {
    for (let run = 0; run < shape.runs; run++) {
      const from = (run * passes + pass) * size;
      ordered.set(rows.subarray(from, from + size), (pass * shape.runs + run) * size);
    }
  }
  return ordered;
}

/**
 * (logprob, entropy, ratio, drive) of each token, (R, rows, length - 1, 4), out of the statistics (passes, R, passRows,
 * length - 1, 7) in vec4f.
 */
export function lastOfTokens(stats: Float32Array, shape: RunsShape, passes: number): Float32Array {
  const { runs, length } = shape;
  const tokens = passesOf(shape).passRows * (length - 1);
  const last = new Float32Array(passes * runs * tokens * 4);
  for (let n = 0; n < passes * runs * tokens; n++) {
    const [part, token] = [Math.floor(n / tokens), n % tokens];
    const [pass, run] = [Math.floor(part / runs), part % runs];
    const at = ((run * passes + pass) * tokens + token) * 4;
    last.set(stats.subarray((n * STATS_WIDTH + 4) * 4, (n * STATS_WIDTH + 5) * 4), at);
  }
  return last;
}
