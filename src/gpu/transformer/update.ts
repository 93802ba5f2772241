import type { View } from '../kernel';
import type { Allocator } from '../memory';
import type { Plan } from '../plan';
import { rowChunks, STATS_WIDTH, type Activations, type Gradients } from './activations';
import { recordBackward } from './backward';
import type { PassBuffers } from './buffers';
import { cover, type PassInputs } from './cover';
import { recordForward } from './forward';
import { recordTokenLoss, recordTokenStats } from './head';
import type { PolicyBuffers, Segment } from './policy_buffers';
import { PLANE } from './rollout_buffers';

/** Where an update leaves its numbers: sums over tokens, and the gradient's squared norm. */
export interface UpdateOutputs {
  readonly statsPartial: View;
  /** (R, 7) vec4f, see `stats` in policy_loss.wgsl. */
  readonly statsSum: View;
  readonly normPartial: View;
  /** (R) vec4f: squared norm, numbers that are not finite. */
  readonly norm: View;
  /** Partial sums of each segment of the parameters, and the row of `normPartial` where they begin. */
  readonly normChunks: readonly { readonly first: number; readonly count: number }[];
}

/** Rows of vec4f at whose multiples a binding may begin. */
const ALIGNED_ROWS = 16;

export function updateOutputs(
  memory: Allocator,
  { runs, segments }: PolicyBuffers,
  rows: number,
): UpdateOutputs {
  let first = 0;
  const normChunks = segments.map(({ numbers }) => {
    const own = { first, count: Math.max(1, Math.min(4096, Math.ceil(numbers / 512))) };
    first += Math.ceil(own.count / ALIGNED_ROWS) * ALIGNED_ROWS;
    return own;
  });
  return {
    statsPartial: memory.storage('stats partial', runs * rowChunks(rows) * STATS_WIDTH * 4),
    statsSum: memory.storage('stats sum', runs * STATS_WIDTH * 4),
    normPartial: memory.storage('norm partial', runs * normRows(normChunks) * 4),
    norm: memory.storage('norm', runs * 4),
    normChunks,
  };
}

/** Rows of one run in `normPartial`; those between segments are never written, and zero. */
function normRows(chunks: UpdateOutputs['normChunks']): number {
  const last = chunks.at(-1);
  return last === undefined ? 0 : last.first + last.count;
}

/** How a pass takes part in an update. */
export interface PassManner {
  /** The loss needs to see the whole minibatch first. */
  readonly selects: boolean;
  /** Gradient and statistics are added to those of the passes before. */
  readonly adds: boolean;
  /** Rows of all passes of the update. */
  readonly minibatchRows: number;
}

/**
 * Records loss, its statistics and the gradient of every parameter: 19 L + 10 dispatches where logits are held whole; see
 * recordLoss.
 */
export function recordGradient(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  grads: Gradients,
  settings: View,
  outputs: UpdateOutputs,
  manner: PassManner,
): void {
  recordLoss(plan, inputs, acts, grads, settings, outputs, manner);
  recordBackward(plan, inputs, acts, grads, manner);
}

/**
 * Records the forward pass, the loss with its gradient at the logits, and the sums of its statistics: 9 L + 6 dispatches,
 * and 2 more where the loss needs to see the whole minibatch first. With P parts of the vocabulary 2 P - 1 more.
 */
export function recordLoss(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  grads: Gradients,
  settings: View,
  outputs: UpdateOutputs,
  { selects, adds, minibatchRows }: PassManner,
): void {
  const { kernels, policy } = inputs;
  const { runs } = policy;
  recordForward(plan, inputs, policy.weights, acts, settings);
  if (selects) {
    recordTokenStats(plan, inputs, acts, settings, [PLANE.currentLogprob, PLANE.currentEntropy]);
    const { rows: minibatch } = acts.shape;
    const { selection } = grads;
    recordSelection(plan, inputs, acts, settings, {
      ...{ minibatchRows: minibatch, rowsByRun: inputs.rows, selection },
    });
  }
  recordTokenLoss(plan, inputs, acts, grads, settings, minibatchRows);
  const rows = acts.shape.rows * acts.shape.positions;
  const chunks = rowChunks(rows);
  const shared = { width: STATS_WIDTH, max_column: 3, accumulate: 0 };
  plan.add(
    kernels.reduceRows,
    { source: grads.stats, out: outputs.statsPartial },
    {
      ...shared,
      rows,
      groups: chunks,
      per_group: Math.ceil(rows / chunks),
      out_run: chunks * STATS_WIDTH,
    },
    chunks * STATS_WIDTH,
    runs,
  );
  plan.add(
    kernels.reduceRows,
    { source: outputs.statsPartial, out: outputs.statsSum },
    {
      ...shared,
      rows: chunks,
      groups: 1,
      per_group: chunks,
      out_run: STATS_WIDTH,
      accumulate: adds ? 1 : 0,
    },
    STATS_WIDTH,
    runs,
  );
}

/** Records what a selection needs to know of the tokens of a pass: 9 L + 4 dispatches. */
export function recordTokens(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  settings: View,
): void {
  recordForward(plan, inputs, inputs.policy.weights, acts, settings);
  recordTokenStats(plan, inputs, acts, settings, [PLANE.currentLogprob, PLANE.currentEntropy]);
}

/** Records the selection among the tokens of a minibatch that have been measured: 1 dispatch. */
export function recordSelection(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  settings: View,
  {
    minibatchRows,
    rowsByRun,
    selection,
  }: Pick<PassBuffers, 'minibatchRows' | 'rowsByRun' | 'selection'>,
): void {
  const { kernels, policy, rollouts } = inputs;
  plan.add(
    kernels.tokenSelection,
    { settings, rows: rowsByRun, record: rollouts.record, selection },
    { ...cover(inputs, acts), rows: minibatchRows, plane: rollouts.plane },
    1,
    policy.runs,
  );
}

/** Records <a, b> over all parameters of each run into `outputs.norm`: a dispatch for every segment, and one. */
export function recordDot(
  plan: Plan,
  { kernels, policy: { runs, segments } }: PassInputs,
  a: View,
  b: View,
  outputs: UpdateOutputs,
): void {
  segments.forEach((segment, i) => {
    const count = segment.numbers / 4;
    const { first, count: chunks } = outputs.normChunks[i] ?? { first: 0, count: 0 };
    const partial = { buffer: outputs.normPartial.buffer, offset: first * 16 };
    plan.add(
      kernels.dotProduct,
      { a: part(a, segment, runs), b: part(b, segment, runs), partial },
      { count, a_run: count, b_run: count, chunks },
      chunks,
      runs,
    );
  });
  const rows = normRows(outputs.normChunks);
  plan.add(
    kernels.reduceRows,
    { source: outputs.normPartial, out: outputs.norm },
    { rows, width: 1, groups: 1, per_group: rows, out_run: 1, max_column: 1, accumulate: 0 },
    1,
    runs,
  );
}

/** A segment of a flat parameter buffer, of all runs. */
function part({ buffer }: View, { offset, numbers }: Segment, runs: number): View {
  return { buffer, offset: offset * 4, size: runs * numbers * 4 };
}

/** Records the global norm and one AdamW step: a dispatch more than `recordDot` for every segment. */
export function recordOptimiser(
  plan: Plan,
  inputs: PassInputs,
  settings: View,
  outputs: UpdateOutputs,
): void {
  const { kernels, policy } = inputs;
  recordDot(plan, inputs, policy.grads, policy.grads, outputs);
  for (const segment of policy.segments) {
    const own = (view: View) => part(view, segment, policy.runs);
    const count = segment.numbers / 4;
    plan.add(
      kernels.adamw,
      {
        settings,
        norm: outputs.norm,
        grads: own(policy.grads),
        weights: own(policy.weights),
        m: own(policy.m),
        v: own(policy.v),
      },
      { count },
      count,
      policy.runs,
    );
  }
}

/** Records the log-probability of every response token under `weights` into the reference plane: 9 L + 4 dispatches. */
export function recordReference(
  plan: Plan,
  inputs: PassInputs,
  weights: View,
  acts: Activations,
  settings: View,
): void {
  recordForward(plan, inputs, weights, acts, settings);
  recordTokenStats(plan, inputs, acts, settings, [PLANE.reference, PLANE.reference]);
}
