import type { View } from '../kernel';
import type { Plan } from '../plan';
import type { Activations, Gradients, VocabPart } from './activations';
import { cover, type PassInputs } from './cover';
import { Linear } from './linear';

/**
 * The head: from normed activations to what a loss needs of their logits, and back. Logits are held whole, or a part of the
 * vocabulary at a time where `acts.parts` says so; then the forward pass sums the parts up, and the backward pass computes
 * each once more.
 */

/** Records logits, or their sums over all parts: 1 dispatch, or 2 for each part. */
export function recordHead(
  plan: Plan,
  inputs: PassInputs,
  weights: View,
  acts: Activations,
  settings: View,
): void {
  const { kernels, policy, rollouts, rows } = inputs;
  if (acts.parts === null) return recordLogits(plan, inputs, weights, acts, whole(inputs));
  for (const part of acts.parts.all) {
    recordLogits(plan, inputs, weights, acts, part);
    plan.add(
      kernels.vocabScan,
      { settings, rows, tokens: rollouts.tokens, logits: acts.logits, scan: acts.parts.scan },
      {
        ...cover(inputs, acts),
        vocab: policy.layout.spec.vocab_size,
        start: part.start,
        width: part.width / 4,
      },
      tokensOf(acts),
      policy.runs,
    );
  }
}

/** Records log-probability and entropy of every response token into two planes; the same plane twice: no entropy. */
export function recordTokenStats(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  settings: View,
  [logprobPlane, entropyPlane]: readonly [number, number],
): void {
  const { kernels, policy, rollouts, rows } = inputs;
  const planes = {
    plane: rollouts.plane,
    logprob_plane: logprobPlane,
    entropy_plane: entropyPlane,
  };
  const { tokens, record } = rollouts;
  if (acts.parts === null) {
    const { spec, dims } = policy.layout;
    plan.add(
      kernels.tokenStats,
      { settings, rows, tokens, logits: acts.logits, record },
      { ...cover(inputs, acts), ...planes, vocab: spec.vocab_size, vocab_stride: dims.vocab },
      tokensOf(acts),
      policy.runs,
    );
    return;
  }
  plan.add(
    kernels.vocabStats,
    { rows, saved_scan: acts.parts.scan, measures: record },
    { ...cover(inputs, acts), ...planes },
    tokensOf(acts),
    policy.runs,
  );
}

/**
 * Records the loss of every token with its statistics, 1 dispatch, and the gradient at the logits: of all of them, or what
 * `recordHeadBackward` makes it from. `minibatchRows` are those of all passes of the update.
 */
export function recordTokenLoss(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  grads: Gradients,
  settings: View,
  minibatchRows: number,
): void {
  const { kernels, policy, rollouts, rows } = inputs;
  const { spec, dims } = policy.layout;
  const { tokens, record } = rollouts;
  const { selection, stats } = grads;
  const params = {
    ...cover(inputs, acts),
    vocab: spec.vocab_size,
    plane: rollouts.plane,
    minibatch_rows: minibatchRows,
  };
  if (acts.parts === null) {
    const [logits, d_logits] = [acts.logits, grads.dLogits];
    plan.add(
      kernels.policyLoss,
      { settings, rows, tokens, record, logits, selection, d_logits, stats },
      { ...params, vocab_stride: dims.vocab },
      tokensOf(acts),
      policy.runs,
    );
    return;
  }
  const { scan: saved_scan, terms } = acts.parts;
  plan.add(
    kernels.vocabLoss,
    { settings, rows, tokens, record, saved_scan, selection, terms, stats },
    params,
    tokensOf(acts),
    policy.runs,
  );
}

/** Records the gradient of the head and of its input, into `grads.dNormed`: 1 dispatch, or 3 for each part but one. */
export function recordHeadBackward(
  plan: Plan,
  inputs: PassInputs,
  acts: Activations,
  grads: Gradients,
  { adds }: { readonly adds: boolean },
): void {
  const { kernels, policy } = inputs;
  const backward = (part: VocabPart, addsInput: boolean) =>
    linearOf(plan, inputs, acts).backward(
      policy,
      ...headBlock(inputs, part),
      { x: acts.normed, dY: grads.dLogits, dX: grads.dNormed },
      { adds, addsInput },
    );
  if (acts.parts === null) return backward(whole(inputs), false);
  const { all, terms } = acts.parts;
  // The forward pass has left the logits of the last part: that one first.
  [...all].reverse().forEach((part, i) => {
    if (i > 0) recordLogits(plan, inputs, policy.weights, acts, part);
    plan.add(
      kernels.vocabGradient,
      { logits: acts.logits, saved_terms: terms, d_logits: grads.dLogits },
      partParams(inputs, acts, part),
      (tokensOf(acts) * part.width) / 4,
      policy.runs,
    );
    backward(part, i > 0);
  });
}

/** Records the distributions at all positions of the last pass into `out`: 1 dispatch. Logits are held whole. */
export function recordSoftmax(
  plan: Plan,
  { kernels, policy: { layout, runs } }: PassInputs,
  acts: Activations,
  settings: View,
  out: View,
): void {
  const rows = tokensOf(acts);
  plan.add(
    kernels.softmax,
    { settings, logits: acts.logits, p: out },
    { rows, vocab: layout.spec.vocab_size, width: layout.dims.vocab / 4 },
    rows,
    runs,
  );
}

/**
 * Records the logits of one part for the activations of the last loss, and its share of their distributions into `out`, zero
 * outside responses: 2 dispatches. `weights` are those that the loss was computed with.
 */
export function recordPart(
  plan: Plan,
  inputs: PassInputs,
  weights: View,
  acts: Activations,
  part: VocabPart,
  out: View,
): void {
  if (acts.parts === null) throw new Error('the vocabulary is held whole');
  recordLogits(plan, inputs, weights, acts, part);
  plan.add(
    inputs.kernels.vocabSoftmax,
    { logits: acts.logits, saved_terms: acts.parts.terms, probabilities: out },
    partParams(inputs, acts, part),
    (tokensOf(acts) * part.width) / 4,
    inputs.policy.runs,
  );
}

function recordLogits(
  plan: Plan,
  inputs: PassInputs,
  weights: View,
  acts: Activations,
  part: VocabPart,
): void {
  linearOf(plan, inputs, acts).forward(
    weights,
    ...headBlock(inputs, part),
    acts.normed,
    acts.logits,
  );
}

/** Where the head's rows of a part stand, and their sizes. */
function headBlock({ policy: { layout } }: PassInputs, { start, width }: VocabPart) {
  const { hidden } = layout.dims;
  return [layout.head + start * hidden, { out: width, inner: hidden }] as const;
}

const whole = ({ policy: { layout } }: PassInputs): VocabPart => ({
  start: 0,
  width: layout.dims.vocab,
});

const tokensOf = ({ shape }: Activations) => shape.rows * shape.positions;

const partParams = ({ policy }: PassInputs, acts: Activations, { start, width }: VocabPart) => ({
  tokens: tokensOf(acts),
  vocab: policy.layout.spec.vocab_size,
  start,
  width: width / 4,
});

const linearOf = (plan: Plan, { kernels, policy }: PassInputs, acts: Activations) =>
  new Linear(plan, kernels, policy.layout, policy.runs, tokensOf(acts));
