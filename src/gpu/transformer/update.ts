import type { View } from '../kernel';
import type { Memory } from '../memory';
import type { Plan } from '../plan';
import { rowChunks, STATS_WIDTH, type Activations, type Gradients } from './activations';
import { recordBackward } from './backward';
import { cover, recordForward, type PassInputs } from './forward';
import { PLANE } from './rollout_buffers';

/** Where an update leaves its numbers: sums over tokens, and the gradient's squared norm. */
export interface UpdateOutputs {
  readonly statsPartial: View;
  /** (R, 7) vec4f, see `stats` in policy_loss.wgsl. */
  readonly statsSum: View;
  readonly normPartial: View;
  /** (R) vec4f: squared norm, numbers that are not finite. */
  readonly norm: View;
  readonly normChunks: number;
}

export function updateOutputs(
  memory: Memory,
  runs: number,
  rows: number,
  parameters: number,
): UpdateOutputs {
  const normChunks = Math.max(1, Math.min(4096, Math.ceil(parameters / 512)));
  return {
    statsPartial: memory.storage('stats partial', runs * rowChunks(rows) * STATS_WIDTH * 4),
    statsSum: memory.storage('stats sum', runs * STATS_WIDTH * 4),
    normPartial: memory.storage('norm partial', runs * normChunks * 4),
    norm: memory.storage('norm', runs * 4),
    normChunks,
  };
}

/** Records loss, its statistics and the gradient of every parameter: 19 L + 10 dispatches; see recordLoss. */
export function recordGradient(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  grads: Gradients,
  settings: View,
  outputs: UpdateOutputs,
  selection: { selects: boolean },
): void {
  recordLoss(plan, inputs, acts, grads, settings, outputs, selection);
  recordBackward(plan, inputs, acts, grads);
}

/**
 * Records the forward pass, the loss with its gradient at the logits, and the sums of its statistics: 9 L + 6 dispatches,
 * and 2 more where the loss needs to see the whole minibatch first.
 */
export function recordLoss(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  grads: Gradients,
  settings: View,
  outputs: UpdateOutputs,
  { selects }: { selects: boolean },
): void {
  const { kernels, policy, rollouts } = inputs;
  const { runs, layout } = policy;
  recordForward(plan, inputs, policy.weights, acts);
  if (selects) {
    recordTokenStats(plan, inputs, acts, settings, [PLANE.currentLogprob, PLANE.currentEntropy]);
    plan.add(
      kernels.tokenSelection,
      { settings, rows: inputs.rows, record: rollouts.record, selection: grads.selection },
      { ...cover(inputs, acts), plane: rollouts.plane },
      1,
      runs,
    );
  }
  const rows = acts.shape.rows * acts.shape.positions;
  plan.add(
    kernels.policyLoss,
    {
      settings,
      rows: inputs.rows,
      tokens: rollouts.tokens,
      record: rollouts.record,
      logits: acts.logits,
      selection: grads.selection,
      d_logits: grads.dLogits,
      stats: grads.stats,
    },
    {
      ...cover(inputs, acts),
      vocab: layout.spec.vocab_size,
      vocab_stride: layout.dims.vocab,
      plane: rollouts.plane,
    },
    rows,
    runs,
  );
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
    { ...shared, rows: chunks, groups: 1, per_group: chunks, out_run: STATS_WIDTH },
    STATS_WIDTH,
    runs,
  );
}

/** Records <a, b> over all parameters of each run into `outputs.norm`: 2 dispatches. */
export function recordDot(
  plan: Plan,
  { kernels, policy: { layout, runs } }: PassInputs,
  a: View,
  b: View,
  outputs: UpdateOutputs,
): void {
  const count = layout.total / 4;
  const chunks = outputs.normChunks;
  plan.add(
    kernels.dotProduct,
    { a, b, partial: outputs.normPartial },
    { count, a_run: count, b_run: count, chunks },
    chunks,
    runs,
  );
  plan.add(
    kernels.reduceRows,
    { source: outputs.normPartial, out: outputs.norm },
    {
      rows: chunks,
      width: 1,
      groups: 1,
      per_group: chunks,
      out_run: 1,
      max_column: 1,
      accumulate: 0,
    },
    1,
    runs,
  );
}

/** Records the global norm and one AdamW step: 3 dispatches. */
export function recordOptimiser(
  plan: Plan,
  inputs: PassInputs,
  settings: View,
  outputs: UpdateOutputs,
): void {
  const { kernels, policy } = inputs;
  recordDot(plan, inputs, policy.grads, policy.grads, outputs);
  const count = policy.layout.total / 4;
  plan.add(
    kernels.adamw,
    {
      settings,
      norm: outputs.norm,
      grads: policy.grads,
      weights: policy.weights,
      m: policy.m,
      v: policy.v,
    },
    { count },
    count,
    policy.runs,
  );
}

/** Records the log-probability of every response token under `weights` into the reference plane: 9 L + 4 dispatches. */
export function recordReference(
  plan: Plan,
  inputs: PassInputs,
  weights: View,
  acts: Activations,
  settings: View,
): void {
  recordForward(plan, inputs, weights, acts);
  recordTokenStats(plan, inputs, acts, settings, [PLANE.reference, PLANE.reference]);
}

/** Records the distribution at every position of the last pass, as logits have it: 1 dispatch. */
export function recordSoftmax(
  plan: Plan,
  { kernels, policy: { layout, runs } }: PassInputs,
  { logits, shape }: Activations,
  settings: View,
  p: View,
): void {
  const rows = shape.rows * shape.positions;
  plan.add(
    kernels.softmax,
    { settings, logits, p },
    { rows, vocab: layout.spec.vocab_size, width: layout.dims.vocab / 4 },
    rows,
    runs,
  );
}

/** Records log-probability and entropy of every response token into two planes; the same plane twice: no entropy. */
function recordTokenStats(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  settings: View,
  [logprobPlane, entropyPlane]: readonly [number, number],
): void {
  const { kernels, policy, rollouts } = inputs;
  plan.add(
    kernels.tokenStats,
    {
      settings,
      rows: inputs.rows,
      tokens: rollouts.tokens,
      logits: acts.logits,
      record: rollouts.record,
    },
    {
      ...cover(inputs, acts),
      vocab: policy.layout.spec.vocab_size,
      vocab_stride: policy.layout.dims.vocab,
      plane: rollouts.plane,
      logprob_plane: logprobPlane,
      entropy_plane: entropyPlane,
    },
    acts.shape.rows * acts.shape.positions,
    policy.runs,
  );
}
