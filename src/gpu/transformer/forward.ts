import { headDim } from '../../model/layout';
import type { View } from '../kernel';
import type { Plan } from '../plan';
import type { Activations } from './activations';
import { cover, type PassInputs } from './cover';
import { recordFeedForward } from './feed_forward';
import { recordHead } from './head';
import { Linear } from './linear';
import { block, type PolicyBuffers } from './policy_buffers';

/** Records tokens -> logits with the given weights, or their sums: 9 L + 3 dispatches where they are held whole. */
export function recordForward(
  plan: Plan,
  inputs: PassInputs,
  weights: View,
  acts: Activations,
  settings: View,
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
  recordHead(plan, inputs, weights, acts, settings);
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
