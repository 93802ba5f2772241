/** Optimiser settings of one step. */
export interface AdamwSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
}

/** One parameter with its moments; all of one length. */
export interface AdamwState {
  readonly weight: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

/** Euclidean norm over all gradients together. */
export function globalNorm(grads: Iterable<Float64Array>): number {
  let sum = 0;
  for (const grad of grads) for (const g of grad) sum += g * g;
  return Math.sqrt(sum);
}

/** Factor of global-norm clipping: min(1, max / (norm + 1e-6)); null or 0 means no clipping. */
export function clipScale(norm: number, maxNorm: number | null): number {
  return maxNorm ? Math.min(1, maxNorm / (norm + 1e-6)) : 1;
}

/**
 * One AdamW step on the gradient times `scale`; `step` counts from 1. Moments are exponential means corrected by
 * 1 - beta^step; decay is decoupled: weight (1 - learningRate weightDecay) before the update
 * (Loshchilov and Hutter 2019, arXiv:1711.05101). Returns new arrays.
 */
export function adamw(
  state: AdamwState,
  grad: Float64Array,
  settings: AdamwSettings,
  step: number,
  scale = 1,
): AdamwState {
  const { learningRate, beta1, beta2, eps, weightDecay } = settings;
  const weight = Float64Array.from(state.weight);
  const m = Float64Array.from(state.m);
  const v = Float64Array.from(state.v);
  for (let i = 0; i < weight.length; i++) {
    const g = grad[i] * scale;
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    const mean = m[i] / (1 - beta1 ** step);
    const square = v[i] / (1 - beta2 ** step);
    weight[i] *= 1 - learningRate * weightDecay;
    weight[i] -= (learningRate * mean) / (Math.sqrt(square) + eps);
  }
  return { weight, m, v };
}
