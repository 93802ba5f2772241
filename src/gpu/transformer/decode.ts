import { headDim, paddedDims } from '../../model/layout';
import type { View } from '../kernel';
import type { ModelSpec } from '../../model/spec';
import type { Allocator } from '../memory';
import type { Plan } from '../plan';
import { recordFeedForward } from './feed_forward';
import type { PassInputs } from './cover';
import { normBlock, normParams } from './forward';
import { Linear } from './linear';
import { block } from './policy_buffers';
import type { RolloutShape } from './rollout_buffers';

/** Buffers of cached decoding: one position of every rollout row, and the keys and values of those before. */
export interface DecodeBuffers {
  readonly x: View;
  readonly middle: View;
  readonly normed: View;
  readonly scale: View;
  readonly qkv: View;
  readonly attended: View;
  readonly gateUp: View;
  readonly gated: View;
  readonly logits: View;
  readonly caches: readonly { readonly k: View; readonly v: View }[];
}

export function decodeBuffers(
  memory: Allocator,
  spec: ModelSpec,
  shape: RolloutShape,
): DecodeBuffers {
  const dims = paddedDims(spec);
  const rows = shape.runs * shape.rows;
  const make = (label: string, width: number) => memory.storage(`decode ${label}`, rows * width);
  const cache = shape.length * spec.num_key_value_heads * dims.head;
  return {
    x: make('x', dims.hidden),
    middle: make('middle', dims.hidden),
    normed: make('normed', dims.hidden),
    scale: make('scale', 1),
    qkv: make('qkv', dims.qkv),
    attended: make('attended', dims.attention),
    gateUp: make('gate up', 2 * dims.intermediate),
    gated: make('gated', dims.intermediate),
    logits: make('logits', dims.vocab),
    caches: Array.from({ length: spec.num_hidden_layers }, (_, l) => ({
      k: make(`cache k ${l}`, cache),
      v: make(`cache v ${l}`, cache),
    })),
  };
}

export interface DecodeOptions {
  readonly settings: View;
  /** Shortest prompt: positions before its last one need no logits. */
  readonly promptLength: number;
  /** Token that ends a response; vocab_size or more for none. */
  readonly eos: number;
}

/**
 * Records the generation of a whole rollout batch: 8 L + 4 dispatches for each sampled token (8 L + 1 for a prompt
 * token). `inputs.rows` must list every rollout row in order.
 */
export function recordDecode(
  plan: Plan,
  inputs: PassInputs,
  buffers: DecodeBuffers,
  options: DecodeOptions,
): void {
  const { length } = inputs.rollouts.shape;
  for (let position = 0; position + 1 < length; position++) {
    recordPosition(plan, inputs, buffers, position);
    if (position >= options.promptLength - 1)
      recordSample(plan, inputs, buffers, position, options);
  }
}

function recordPosition(plan: Plan, inputs: PassInputs, at: DecodeBuffers, position: number): void {
  const { kernels, policy, rollouts, rope } = inputs;
  const { layout, runs, weights } = policy;
  const { spec, dims } = layout;
  const { rows, length } = rollouts.shape;
  const linear = new Linear(plan, kernels, layout, runs, rows);
  const width = dims.hidden / 4;
  plan.add(
    kernels.embedding,
    {
      tokens: rollouts.tokens,
      rows: inputs.rows,
      table: block(weights, layout, runs, layout.embed, dims.vocab * dims.hidden),
      x: at.x,
    },
    {
      rows,
      positions: 1,
      first: position,
      length,
      rollout_rows: rows,
      vocab: spec.vocab_size,
      width,
      table_stride: layout.total / 4,
      accumulate: 0,
    },
    rows * width,
    runs,
  );
  layout.layers.forEach((blocks, l) => {
    const cache = at.caches[l];
    if (!cache) throw new Error(`no cache for layer ${l}`);
    recordNorm(plan, inputs, 2 * l, at.x, at);
    linear.forward(weights, blocks.qkv, { out: dims.qkv, inner: dims.hidden }, at.normed, at.qkv);
    plan.add(
      kernels.attentionDecode,
      {
        qkv: at.qkv,
        cosine: rope.cosine,
        sine: rope.sine,
        cache_k: cache.k,
        cache_v: cache.v,
        out: at.attended,
      },
      {
        rows,
        heads: spec.num_attention_heads,
        kv_heads: spec.num_key_value_heads,
        capacity: length,
        position,
        scale: 1 / Math.sqrt(headDim(spec)),
      },
      rows * spec.num_attention_heads,
      runs,
    );
    linear.forward(
      weights,
      blocks.o,
      { out: dims.hidden, inner: dims.attention },
      at.attended,
      at.middle,
      at.x,
    );
    recordNorm(plan, inputs, 2 * l + 1, at.middle, at);
    recordFeedForward(plan, inputs, linear, weights, l, { rows, views: { ...at, out: at.x } });
  });
}

function recordNorm(
  plan: Plan,
  inputs: PassInputs,
  index: number,
  x: View,
  at: DecodeBuffers,
): void {
  const { kernels, policy, rollouts } = inputs;
  plan.add(
    kernels.rmsnorm,
    { x, w: normBlock(policy.weights, policy), y: at.normed, scale: at.scale },
    normParams(policy, rollouts.shape.rows, index),
    rollouts.shape.rows,
    policy.runs,
  );
}

function recordSample(
  plan: Plan,
  inputs: PassInputs,
  at: DecodeBuffers,
  position: number,
  { settings, eos }: DecodeOptions,
): void {
  const { kernels, policy, rollouts } = inputs;
  const { layout, runs, weights } = policy;
  const { rows, length } = rollouts.shape;
  recordNorm(plan, inputs, 2 * layout.spec.num_hidden_layers, at.x, at);
  new Linear(plan, kernels, layout, runs, rows).forward(
    weights,
    layout.head,
    { out: layout.dims.vocab, inner: layout.dims.hidden },
    at.normed,
    at.logits,
  );
  plan.add(
    kernels.sample,
    {
      settings,
      logits: at.logits,
      tokens: rollouts.tokens,
      spans: rollouts.spans,
      record: rollouts.record,
    },
    {
      rows,
      length,
      position,
      vocab: layout.spec.vocab_size,
      vocab_stride: layout.dims.vocab,
      plane: rollouts.plane,
      eos,
    },
    rows,
    runs,
  );
}
