import { headDim } from '../../model/layout';
import type { View } from '../kernel';
import type { Plan } from '../plan';
import type { Activations } from './activations';
import type { TransformerKernels } from './kernels';
import { recordFeedForward } from './feed_forward';
import { Linear } from './linear';
import { block, type PolicyBuffers } from './policy_buffers';
import type { RolloutBuffers } from './rollout_buffers';

/** Position tables on the GPU, (positions, head dim / 2) each. */
export interface RopeViews {
  readonly cosine: View;
  readonly sine: View;
}

/** What every pass over a minibatch of rollout rows needs. */
export interface PassInputs {
  readonly kernels: TransformerKernels;
  readonly policy: PolicyBuffers;
  readonly rollouts: RolloutBuffers;
  /** (R, rows, 4): rollout row, prompt length, length, 0. */
  readonly rows: View;
  readonly rope: RopeViews;
}

/** Which rows and positions of the rollouts a pass covers, as the kernels' parameters. */
export function cover({ rollouts }: PassInputs, { shape }: Activations) {
  return {
    rows: shape.rows,
    positions: shape.positions,
    first: 0,
    length: rollouts.shape.length,
    rollout_rows: rollouts.shape.rows,
  };
}

/** Records tokens -> logits with the given weights: 9 L + 3 dispatches. */
export function recordForward(
  plan: Plan,
  inputs: PassInputs,
  weights: View,
  acts: Activations,
): void {
  const { kernels, policy, rollouts } = inputs;
  const { layout, runs } = policy;
  const { spec, dims } = layout;
  const { rows: batch, positions } = acts.shape;
  const rows = batch * positions;
  const linear = new Linear(plan, kernels, layout, runs, rows);
  const width = dims.hidden / 4;

  plan.add(
    kernels.embedding,
    {
      tokens: rollouts.tokens,
      rows: inputs.rows,
      table: block(weights, layout, runs, layout.embed, dims.vocab * dims.hidden),
      x: (acts.layers[0] ?? acts).x,
    },
    {
      ...cover(inputs, acts),
      vocab: spec.vocab_size,
      width,
      table_stride: layout.total / 4,
      accumulate: 0,
    },
    rows * width,
    runs,
  );

  const norm = (index: number, x: View, y: View, scale: View) =>
    plan.add(
      kernels.rmsnorm,
      { x, w: normBlock(weights, inputs.policy), y, scale },
      normParams(inputs.policy, rows, index),
      rows,
      runs,
    );

  acts.layers.forEach((layer, l) => {
    const blocks = layout.layers[l];
    if (!blocks) throw new Error(`no layer ${l}`);
    norm(2 * l, layer.x, layer.normed, layer.scale);
    linear.forward(
      weights,
      blocks.qkv,
      { out: dims.qkv, inner: dims.hidden },
      layer.normed,
      layer.qkv,
    );
    recordRope(plan, inputs, layer.qkv, rows, positions, 1);
    plan.add(
      kernels.attention,
      { qkv: layer.qkv, out: layer.attended, log_sum: layer.logSum },
      attentionParams(inputs.policy, batch, positions),
      rows * spec.num_attention_heads,
      runs,
    );
    linear.forward(
      weights,
      blocks.o,
      { out: dims.hidden, inner: dims.attention },
      layer.attended,
      layer.middle,
      layer.x,
    );
    norm(2 * l + 1, layer.middle, layer.normed2, layer.scale2);
    recordFeedForward(plan, inputs, linear, weights, l, {
      rows,
      views: {
        normed: layer.normed2,
        gateUp: layer.gateUp,
        gated: layer.gated,
        middle: layer.middle,
        out: (acts.layers[l + 1] ?? acts).x,
      },
    });
  });

  norm(2 * spec.num_hidden_layers, acts.x, acts.normed, acts.scale);
  linear.forward(
    weights,
    layout.head,
    { out: dims.vocab, inner: dims.hidden },
    acts.normed,
    acts.logits,
  );
}

export function normBlock(weights: View, { layout, runs }: PolicyBuffers): View {
  const norms = 2 * layout.spec.num_hidden_layers + 1;
  return block(weights, layout, runs, layout.norms, norms * layout.dims.hidden);
}

export function normParams({ layout }: PolicyBuffers, rows: number, index: number) {
  const width = layout.dims.hidden / 4;
  return {
    rows,
    width,
    features: layout.spec.hidden_size,
    weight_stride: layout.total / 4,
    weight_at: index * width,
    eps: layout.spec.rms_norm_eps,
    has_residual: 0,
    d_x_items: 0,
    chunks: 0,
    group: index,
    groups: 2 * layout.spec.num_hidden_layers + 1,
  };
}

export function attentionParams(
  { layout: { spec } }: PolicyBuffers,
  rows: number,
  positions: number,
) {
  return {
    rows,
    positions,
    heads: spec.num_attention_heads,
    kv_heads: spec.num_key_value_heads,
    scale: 1 / Math.sqrt(headDim(spec)),
  };
}

/** Rotates query and key heads in place; direction -1 is the gradient. */
export function recordRope(
  plan: Plan,
  { kernels, policy, rope }: PassInputs,
  qkv: View,
  rows: number,
  positions: number,
  direction: 1 | -1,
): void {
  const { spec, dims } = policy.layout;
  const heads = spec.num_attention_heads + spec.num_key_value_heads;
  plan.add(
    kernels.rope,
    { cosine: rope.cosine, sine: rope.sine, x: qkv },
    {
      rows,
      positions,
      heads,
      head_dim: headDim(spec),
      head_stride: dims.head,
      row_stride: dims.qkv,
      direction,
    },
    rows * heads,
    policy.runs,
  );
}
