import type { View } from '../kernel';
import { embeddingBackwardItems } from '../kernels/embedding';
import { rmsnormBackwardItems } from '../kernels/rmsnorm';
import type { Plan } from '../plan';
import type { Activations, Gradients } from './activations';
import { cover, type PassInputs } from './cover';
import { attentionParams, normBlock, normParams, recordRope } from './forward';
import { recordHeadBackward } from './head';
import { Linear } from './linear';
import { block } from './policy_buffers';

/** Records d logits -> gradient of every parameter: 10 L + 4 dispatches where logits are held whole. Overwrites `policy.grads`, or adds to it. */
export function recordBackward(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  grads: Gradients,
  adding: { adds: boolean },
): void {
  const { kernels, policy, rollouts } = inputs;
  const { layout, runs, weights } = policy;
  const { spec, dims } = layout;
  const { rows: batch, positions } = acts.shape;
  const rows = batch * positions;
  const width = dims.hidden / 4;
  const linear = new Linear(plan, kernels, layout, runs, rows);
  const attention = attentionParams(policy, batch, positions);
  let [current, other] = grads.dX;

  /** Turns grads.dNormed into the gradient of the norm's input, added to `residual` if given. */
  const norm = (index: number, x: View, scale: View, residual: View | null, out: View) => {
    const kernel = kernels.rmsnormBackward;
    const items = rmsnormBackwardItems(kernel, { rows, chunks: grads.chunks, width });
    plan.add(
      kernel,
      {
        x,
        w: normBlock(weights, policy),
        saved_scale: scale,
        d_y: grads.dNormed,
        d_residual: residual ?? x,
        d_x: out,
        d_w: grads.dNorms,
      },
      {
        ...normParams(policy, rows, index),
        has_residual: residual ? 1 : 0,
        d_x_items: items.dX,
        chunks: grads.chunks,
      },
      items.all,
      runs,
    );
  };

  recordHeadBackward(plan, inputs, acts, grads, adding);
  norm(2 * spec.num_hidden_layers, acts.x, acts.scale, null, current);

  for (let l = spec.num_hidden_layers - 1; l >= 0; l--) {
    const layer = acts.layers[l];
    const blocks = layout.layers[l];
    if (!layer || !blocks) throw new Error(`no layer ${l}`);
    linear.backward(
      policy,
      blocks.down,
      { out: dims.hidden, inner: dims.intermediate },
      { x: layer.gated, dY: current, dX: grads.dGated },
      adding,
    );
    plan.add(
      kernels.swigluBackward,
      { gate_up: layer.gateUp, d_y: grads.dGated, d_gate_up: grads.dGateUp },
      { rows, width: dims.intermediate / 4 },
      (rows * dims.intermediate) / 4,
      runs,
    );
    linear.backward(
      policy,
      blocks.gateUp,
      { out: 2 * dims.intermediate, inner: dims.hidden },
      { x: layer.normed2, dY: grads.dGateUp, dX: grads.dNormed },
      adding,
    );
    norm(2 * l + 1, layer.middle, layer.scale2, current, other);
    [current, other] = [other, current];

    linear.backward(
      policy,
      blocks.o,
      { out: dims.hidden, inner: dims.attention },
      { x: layer.attended, dY: current, dX: grads.dAttended },
      adding,
    );
    plan.add(
      kernels.attentionBackwardQuery,
      {
        qkv: layer.qkv,
        saved_out: layer.attended,
        saved_log_sum: layer.logSum,
        d_out: grads.dAttended,
        delta: grads.delta,
        d_qkv: grads.dQkv,
      },
      attention,
      rows * spec.num_attention_heads,
      runs,
    );
    plan.add(
      kernels.attentionBackwardKey,
      {
        qkv: layer.qkv,
        saved_log_sum: layer.logSum,
        d_out: grads.dAttended,
        saved_delta: grads.delta,
        d_qkv: grads.dQkv,
      },
      attention,
      rows * spec.num_key_value_heads,
      runs,
    );
    recordRope(plan, inputs, grads.dQkv, rows, positions, -1);
    linear.backward(
      policy,
      blocks.qkv,
      { out: dims.qkv, inner: dims.hidden },
      { x: layer.normed, dY: grads.dQkv, dX: grads.dNormed },
      adding,
    );
    norm(2 * l, layer.x, layer.scale, current, other);
    [current, other] = [other, current];
  }

  const norms = 2 * spec.num_hidden_layers + 1;
  plan.add(
    kernels.reduceRows,
    { source: grads.dNorms, out: normBlock(policy.grads, policy) },
    {
      rows: norms * grads.chunks,
      width,
      groups: norms,
      per_group: grads.chunks,
      out_run: layout.total / 4,
      max_column: width,
      accumulate: adding.adds ? 1 : 0,
    },
    norms * width,
    runs,
  );
  plan.add(
    kernels.embeddingBackward,
    {
      tokens: rollouts.tokens,
      rows: inputs.rows,
      d_x: current,
      d_table: block(policy.grads, layout, runs, layout.embed, dims.vocab * dims.hidden),
    },
    {
      ...cover(inputs, acts),
      vocab: spec.vocab_size,
      width,
      table_stride: layout.total / 4,
      // A tied head has written its gradient there already.
      accumulate: spec.tie_word_embeddings || adding.adds ? 1 : 0,
    },
    embeddingBackwardItems(kernels.embeddingBackward, spec.vocab_size, width),
    runs,
  );
}
