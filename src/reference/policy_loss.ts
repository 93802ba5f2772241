import { entropyOf, logSoftmaxRow } from './token_stats';

/** Bound of logprob - oldLogprob before the exponential. */
export const LOG_RATIO_LIMIT = 20;

/** Log ratios below this are rounding: sampler and trainer differ by less, and kl-cov must not act on it. */
export const SAME_POLICY = 1e-4;

/** Settings of the loss; meanings and defaults are those of the recipe. */
export interface PolicyLossSettings {
  readonly objective:
    'ppo-clip' | 'reinforce' | 'gspo' | 'cispo' | 'ce-gppo' | 'clip-cov' | 'kl-cov';
  readonly temperature: number;
  readonly clipLow: number;
  readonly clipHigh: number;
  /** Change of the bounds from probability 0 to 1; 0 if absent. */
  readonly clipLowSlope?: number;
  readonly clipHighSlope?: number;
  /** Bound c of the surrogate of negative advantages; null or 0 means none. */
  readonly dualClip: number | null;
  readonly positiveWeight: number;
  readonly negativeWeight: number;
  readonly entropyCoef: number;
  readonly klCoef: number;
  /** For ce-gppo: shares of the gradient kept below and above the clip range. */
  readonly gppoLow?: number;
  readonly gppoHigh?: number;
  /** Factor of the entropy added to an advantage (0 if absent), and the share of the advantage that bounds it. */
  readonly entropyAdvantage?: number;
  readonly entropyAdvantageBound?: number;
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
  /** (N) each, from token_selection.ts; where absent every token is kept. */
  readonly selection?: {
    readonly keep: Float64Array;
    readonly penalty: Float64Array;
    readonly logSequenceRatio: Float64Array;
  };
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
  /** Drive that clipping took away: that of -r A' less entropyDrive; 0 for objectives without a clip. */
  readonly removedDrive: Float64Array;
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

/** What the surrogate of one token depends on; `advantage` is already shaped and weighted. */
export interface TokenState {
  readonly logprob: number;
  /** logprob - oldLogprob of the token; of its whole response for gspo. */
  readonly logRatio: number;
  readonly advantage: number;
  /** Bounds of the token's ratio are 1 - low and 1 + high. */
  readonly low: number;
  readonly high: number;
  /** For kl-cov: factor of |logRatio|. */
  readonly penalty: number;
}

/** Surrogate s of one token and its derivative by the log-probability, with [stopped] parts held. */
export function surrogate(
  { logprob, logRatio, advantage, low, high, penalty }: TokenState,
  settings: PolicyLossSettings,
): { value: number; slope: number } {
  const saturated = Math.abs(logRatio) > LOG_RATIO_LIMIT;
  const r = ratioOf(logRatio);
  const clamped = Math.min(Math.max(r, 1 - low), 1 + high);
  const free = { value: -r * advantage, slope: saturated ? 0 : -r * advantage };
  if (settings.objective === 'reinforce') return { value: -advantage * logprob, slope: -advantage };
  if (settings.objective === 'cispo')
    return { value: -clamped * advantage * logprob, slope: -clamped * advantage };
  if (settings.objective === 'kl-cov') {
    return {
      value: free.value + penalty * Math.abs(logRatio),
      slope: free.slope + (Math.abs(logRatio) > SAME_POLICY ? penalty * Math.sign(logRatio) : 0),
    };
  }
  let { value, slope } = free;
  if (settings.objective === 'ce-gppo') {
    const below = advantage < 0 && r < 1 - low;
    const above = advantage > 0 && r > 1 + high;
    if (below || above) {
      const share = (below ? settings.gppoLow : settings.gppoHigh) ?? 0;
      return { value: -share * clamped * advantage, slope: -share * clamped * advantage };
    }
  } else if (-clamped * advantage > free.value) {
    value = -clamped * advantage;
    slope = 0;
  }
  if (settings.dualClip && advantage < 0 && -advantage * settings.dualClip < value) {
    value = -advantage * settings.dualClip;
    slope = 0;
  }
  return { value, slope };
}

/** Bounds of the ratio of a token by its probability now. Source: arXiv:2602.09782. */
function clipBounds(logprob: number, settings: PolicyLossSettings) {
  const p = Math.exp(logprob);
  return {
    low: Math.max(0, settings.clipLow + (settings.clipLowSlope ?? 0) * p),
    high: Math.max(0, settings.clipHigh + (settings.clipHighSlope ?? 0) * p),
  };
}

const ratioOf = (logRatio: number): number =>
  Math.exp(Math.min(Math.max(logRatio, -LOG_RATIO_LIMIT), LOG_RATIO_LIMIT));

/** The advantage, shaped by the entropy (Cheng et al. 2025, arXiv:2506.14758), times the weight of its sign. */
function weighted(advantage: number, entropy: number, settings: PolicyLossSettings): number {
  const share = (settings.entropyAdvantage ?? 0) * entropy;
  const shaped =
    advantage + Math.min(share, Math.abs(advantage) / (settings.entropyAdvantageBound ?? 1));
  if (advantage > 0) return shaped * settings.positiveWeight;
  return advantage < 0 ? shaped * settings.negativeWeight : 0;
}

/**
 * Policy-gradient loss with advantages reweighted by sign, entropy bonus and KL to a reference:
 * loss = agg(keep s) + klCoef agg(k3) - entropyCoef agg(H), agg(x) = sum_n tokenWeight[n] x[n], with
 * s from `surrogate`, r = exp(logprob - oldLogprob), A' = A x weight of its sign, and k3 = exp(d) - d - 1, d = refLogprob - logprob. With z = logits / temperature:
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
  const removedDrive = new Float64Array(N);
  const clips = settings.objective !== 'reinforce' && settings.objective !== 'kl-cov';
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
    const keep = input.selection?.keep[n] ?? 1;
    const ofResponse = settings.objective === 'gspo' && input.selection !== undefined;
    const state = {
      logprob: lp,
      logRatio: ofResponse ? input.selection.logSequenceRatio[n] : lp - oldLogprob[n],
      advantage: weighted(A, H, settings),
      ...clipBounds(lp, settings),
      penalty: input.selection?.penalty[n] ?? 0,
    };
    const r = (ratio[n] = ratioOf(state.logRatio));
    clipHighFlag[n] = Number(A > 0 && r > 1 + state.high);
    clipLowFlag[n] = Number(A < 0 && r < 1 - state.low);
    const s = surrogate(state, settings);
    const d = refLogprob[n] - lp;
    policyTotal += w * keep * s.value;
    entropyMean += w * H;
    klMean += w * (Math.exp(d) - d - 1);
    for (let v = 0; v < V; v++) {
      const p = Math.exp(logProbs[v]);
      const dLogprob = (v === token[n] ? 1 : 0) - p;
      const dEntropy = -p * (logProbs[v] + H);
      const dPolicy = w * keep * s.slope * dLogprob;
      const dKl = w * (1 - Math.exp(d)) * dLogprob;
      entropyDrive[n] -= dEntropy * dPolicy;
      if (clips)
        removedDrive[n] -= dEntropy * w * keep * (-r * state.advantage - s.slope) * dLogprob;
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
    removedDrive,
  };
}
