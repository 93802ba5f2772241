import { entropyOf, logSoftmaxRow } from './token_stats';

/** Bound of logprob - oldLogprob before the exponential. */
export const LOG_RATIO_LIMIT = 20;

/** Settings of the loss; meanings and defaults are those of the recipe. */
export interface PolicyLossSettings {
  readonly objective: 'ppo-clip' | 'reinforce';
  readonly temperature: number;
  readonly clipLow: number;
  readonly clipHigh: number;
  /** Bound c of the surrogate of negative advantages; null or 0 means none. */
  readonly dualClip: number | null;
  readonly positiveWeight: number;
  readonly negativeWeight: number;
  readonly entropyCoef: number;
  readonly klCoef: number;
}

/** One row per predicted token; rows with tokenWeight 0 are not response tokens and give nothing. */
export interface PolicyLossInput {
  /** (N, V), before temperature. */
  readonly logits: Float64Array;
  /** (N) the token chosen. */
  readonly token: ArrayLike<number>;
  /** (N) factor of the token in the aggregate, see `tokenWeights`. */
  readonly tokenWeight: Float64Array;
  /** (N) each. */
  readonly oldLogprob: Float64Array;
  readonly refLogprob: Float64Array;
  readonly advantage: Float64Array;
}

export interface PolicyLossOutput {
  readonly loss: number;
  /** Aggregated surrogate, without entropy bonus and KL. */
  readonly policyLoss: number;
  /** Aggregates of the entropy and of k3, weighted like the loss. */
  readonly entropyMean: number;
  readonly klMean: number;
  /** (N, V) gradient of the loss with respect to the logits before temperature. */
  readonly dLogits: Float64Array;
  /** (N) each, 0 outside the response. */
  readonly logprob: Float64Array;
  readonly entropy: Float64Array;
  readonly ratio: Float64Array;
  /** 1 where A > 0 and ratio > 1 + clipHigh. */
  readonly clipHighFlag: Uint8Array;
  /** 1 where A < 0 and ratio < 1 - clipLow. */
  readonly clipLowFlag: Uint8Array;
  /** First-order entropy change of the token under a unit step of its own logits / temperature down policyLoss. */
  readonly entropyDrive: Float64Array;
}

export interface Aggregation {
  readonly kind: 'token-mean' | 'sequence-mean' | 'constant';
  /** Tokens per row in the denominator of 'constant'. */
  readonly constant: number | null;
}

/**
 * Factor of each token in the aggregate, by the position t it stands at: response tokens are those with
 * promptLength[b] <= t < length[b]. token-mean: 1 / response tokens of the batch; sequence-mean:
 * 1 / (B response tokens of the row); constant: 1 / (B constant). promptLength, length (B) -> (B, T).
 */
export function tokenWeights(
  promptLength: ArrayLike<number>,
  length: ArrayLike<number>,
  T: number,
  aggregation: Aggregation,
): Float64Array {
  const B = length.length;
  const out = new Float64Array(B * T);
  let total = 0;
  for (let b = 0; b < B; b++) total += Math.max(0, length[b] - promptLength[b]);
  for (let b = 0; b < B; b++) {
    const denominator = {
      'token-mean': total,
      'sequence-mean': B * (length[b] - promptLength[b]),
      constant: B * (aggregation.constant ?? T),
    }[aggregation.kind];
    for (let t = promptLength[b]; t < length[b]; t++) out[b * T + t] = 1 / denominator;
  }
  return out;
}

/** Surrogate s of one token and its derivative by the log-probability; `advantage` is already weighted. */
export function surrogate(
  logprob: number,
  oldLogprob: number,
  advantage: number,
  settings: PolicyLossSettings,
): { value: number; slope: number } {
  if (settings.objective === 'reinforce') return { value: -advantage * logprob, slope: -advantage };
  const logRatio = logprob - oldLogprob;
  const saturated = Math.abs(logRatio) > LOG_RATIO_LIMIT;
  const r = ratioOf(logRatio);
  const clamped = Math.min(Math.max(r, 1 - settings.clipLow), 1 + settings.clipHigh);
  const open = -r * advantage;
  const clipped = -clamped * advantage;
  let value = open;
  let slope = saturated ? 0 : -r * advantage;
  if (clipped > open) {
    value = clipped;
    slope = 0;
  }
  if (settings.dualClip && advantage < 0 && -advantage * settings.dualClip < value) {
    value = -advantage * settings.dualClip;
    slope = 0;
  }
  return { value, slope };
}

const ratioOf = (logRatio: number): number =>
  Math.exp(Math.min(Math.max(logRatio, -LOG_RATIO_LIMIT), LOG_RATIO_LIMIT));

/** The advantage times the weight of its sign. */
function weighted(advantage: number, settings: PolicyLossSettings): number {
  if (advantage > 0) return advantage * settings.positiveWeight;
  return advantage < 0 ? advantage * settings.negativeWeight : 0;
}

/**
 * Clipped (or plain) policy-gradient loss with advantages reweighted by sign, entropy bonus and KL to a reference:
 * loss = agg(s) + klCoef agg(k3) - entropyCoef agg(H), agg(x) = sum_n tokenWeight[n] x[n], with
 * s = -min(r A', clamp(r, 1 - clipLow, 1 + clipHigh) A'), r = exp(logprob - oldLogprob), A' = A x weight of its sign,
 * and k3 = exp(d) - d - 1, d = refLogprob - logprob. With z = logits / temperature:
 * dlogprob/dz_v = [v = token] - p_v and dH/dz_v = -p_v (log p_v + H).
 */
export function policyLoss(
  input: PolicyLossInput,
  V: number,
  settings: PolicyLossSettings,
): PolicyLossOutput {
  const { logits, token, tokenWeight, oldLogprob, refLogprob, advantage } = input;
  const N = token.length;
  const dLogits = new Float64Array(N * V);
  const logprob = new Float64Array(N);
  const entropy = new Float64Array(N);
  const ratio = new Float64Array(N);
  const clipHighFlag = new Uint8Array(N);
  const clipLowFlag = new Uint8Array(N);
  const entropyDrive = new Float64Array(N);
  let policyTotal = 0;
  let entropyMean = 0;
  let klMean = 0;
  for (let n = 0; n < N; n++) {
    const w = tokenWeight[n];
    if (w === 0) continue;
    const logProbs = logSoftmaxRow(logits, n, V, settings.temperature);
    const lp = (logprob[n] = logProbs[token[n]]);
    const H = (entropy[n] = entropyOf(logProbs));
    const A = advantage[n];
    const r = (ratio[n] = ratioOf(lp - oldLogprob[n]));
    clipHighFlag[n] = Number(A > 0 && r > 1 + settings.clipHigh);
    clipLowFlag[n] = Number(A < 0 && r < 1 - settings.clipLow);
    const s = surrogate(lp, oldLogprob[n], weighted(A, settings), settings);
    const d = refLogprob[n] - lp;
    policyTotal += w * s.value;
    entropyMean += w * H;
    klMean += w * (Math.exp(d) - d - 1);
    for (let v = 0; v < V; v++) {
      const p = Math.exp(logProbs[v]);
      const dLogprob = (v === token[n] ? 1 : 0) - p;
      const dEntropy = -p * (logProbs[v] + H);
      const dPolicy = w * s.slope * dLogprob;
      const dKl = w * (1 - Math.exp(d)) * dLogprob;
      entropyDrive[n] -= dEntropy * dPolicy;
      const dz = dPolicy + settings.klCoef * dKl - settings.entropyCoef * w * dEntropy;
      dLogits[n * V + v] = dz / settings.temperature;
    }
  }
  return {
    loss: policyTotal + settings.klCoef * klMean - settings.entropyCoef * entropyMean,
    policyLoss: policyTotal,
    entropyMean,
    klMean,
    dLogits,
    logprob,
    entropy,
    ratio,
    clipHighFlag,
    clipLowFlag,
    entropyDrive,
  };
}
