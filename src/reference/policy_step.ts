import type { ModelSpec } from '../model/spec';
import { backward, forward, type ForwardPass, type Parameters } from './model';
import {
  policyLoss,
  tokenWeights,
  type Aggregation,
  type PolicyLossInput,
  type PolicyLossOutput,
  type PolicyLossSettings,
} from './policy_loss';
import { dot } from './reduce';

/** Rollouts of one update. Per-token arrays (B, T) are indexed by the position of the token that is predicted. */
export interface PolicyBatch {
  readonly B: number;
  readonly T: number;
  /** (B, T), padded after length[b]. */
  readonly tokens: ArrayLike<number>;
  /** (B): response tokens of row b are the positions promptLength[b] <= t < length[b]. */
  readonly promptLength: ArrayLike<number>;
  readonly length: ArrayLike<number>;
  readonly oldLogprob: ArrayLike<number>;
  readonly refLogprob: ArrayLike<number>;
  readonly advantage: ArrayLike<number>;
}

/** A value per predicted position moved to the row of logits that predicts it: out[b, t - 1] = x[b, t]. */
function toLogitRows(x: ArrayLike<number>, B: number, T: number): Float64Array {
  const out = new Float64Array(B * T);
  for (let b = 0; b < B; b++) {
    for (let t = 1; t < T; t++) out[b * T + t - 1] = x[b * T + t];
  }
  return out;
}

/** The opposite of `toLogitRows`: out[b, t] = x[b, t - 1]. */
export function toPositions(x: ArrayLike<number>, B: number, T: number): Float64Array {
  const out = new Float64Array(B * T);
  for (let b = 0; b < B; b++) {
    for (let t = 1; t < T; t++) out[b * T + t] = x[b * T + t - 1];
  }
  return out;
}

/** The inputs of `policyLoss` for a forward pass over the batch. */
export function lossInput(
  logits: Float64Array,
  batch: PolicyBatch,
  aggregation: Aggregation,
): PolicyLossInput {
  const { B, T } = batch;
  const weights = tokenWeights(batch.promptLength, batch.length, T, aggregation);
  return {
    logits,
    token: toLogitRows(batch.tokens, B, T),
    tokenWeight: toLogitRows(weights, B, T),
    oldLogprob: toLogitRows(batch.oldLogprob, B, T),
    refLogprob: toLogitRows(batch.refLogprob, B, T),
    advantage: toLogitRows(batch.advantage, B, T),
  };
}

export interface PolicyStep {
  readonly pass: ForwardPass;
  readonly input: PolicyLossInput;
  /** Per-row arrays are those of `policyLoss`: row b T + t - 1 belongs to the token at position t. */
  readonly result: PolicyLossOutput;
  readonly grads: Map<string, Float64Array>;
}

/** Loss of the batch and its gradient with respect to every parameter. */
export function policyStep(
  spec: ModelSpec,
  parameters: Parameters,
  batch: PolicyBatch,
  settings: PolicyLossSettings,
  aggregation: Aggregation,
): PolicyStep {
  const pass = forward(spec, parameters, batch.tokens, batch.B, batch.T);
  const input = lossInput(pass.logits, batch, aggregation);
  const result = policyLoss(input, spec.vocab_size, settings);
  const grads = backward(spec, parameters, pass, result.dLogits);
  return { pass, input, result, grads };
}

/**
 * First-order change of the aggregated entropy per unit of plain gradient descent on the surrogate of the tokens with
 * A > 0 and of those with A < 0: -<grad mean entropy, grad of that part of the policy loss>, over all parameters.
 */
export function entropySlopes(
  spec: ModelSpec,
  parameters: Parameters,
  step: PolicyStep,
  settings: PolicyLossSettings,
): { positive: number; negative: number } {
  const gradient = (advantage: Float64Array, entropyCoef: number) => {
    const part = { ...settings, entropyCoef, klCoef: 0 };
    const { dLogits } = policyLoss({ ...step.input, advantage }, spec.vocab_size, part);
    return backward(spec, parameters, step.pass, dLogits);
  };
  const { advantage } = step.input;
  // With no advantages and coefficient -1 the loss is the aggregated entropy itself.
  const entropy = gradient(new Float64Array(advantage.length), -1);
  const slope = (part: Float64Array) => {
    let sum = 0;
    for (const [name, grad] of gradient(part, 0)) {
      sum -= dot(entropy.get(name) ?? new Float64Array(), grad);
    }
    return sum;
  };
  return {
    positive: slope(advantage.map((a) => Math.max(a, 0))),
    negative: slope(advantage.map((a) => Math.min(a, 0))),
  };
}
