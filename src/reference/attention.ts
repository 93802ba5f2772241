/** Sizes of one attention call; query head h reads key/value head floor(h / (H / KV)). */
export interface AttentionShape {
  readonly B: number;
  readonly T: number;
  /** Query heads. */
  readonly H: number;
  /** Key/value heads; divides H. */
  readonly KV: number;
  readonly headDim: number;
}

export interface AttentionOutput {
  /** (B, T, H, headDim) */
  readonly out: Float64Array;
  /** Softmax weights (B, H, T, T), 0 above the diagonal. */
  readonly probs: Float64Array;
}

/** Softmax of scores[0 .. count) in place, by maximum shift. */
function softmaxInPlace(scores: Float64Array, count: number): void {
  let max = scores[0];
  for (let i = 1; i < count; i++) max = Math.max(max, scores[i]);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    scores[i] = Math.exp(scores[i] - max);
    sum += scores[i];
  }
  for (let i = 0; i < count; i++) scores[i] /= sum;
}

/**
 * Causal attention: out[t] = sum_{s <= t} softmax_s(q[t].k[s] / sqrt(headDim)) v[s].
 * q (B, T, H, headDim), k and v (B, T, KV, headDim).
 */
export function attention(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  shape: AttentionShape,
): AttentionOutput {
  const { B, T, H, KV, headDim } = shape;
  const scale = 1 / Math.sqrt(headDim);
  const out = new Float64Array(B * T * H * headDim);
  const probs = new Float64Array(B * H * T * T);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const g = Math.floor((h * KV) / H);
      for (let t = 0; t < T; t++) {
        const at = ((b * T + t) * H + h) * headDim;
        const row = probs.subarray(((b * H + h) * T + t) * T, ((b * H + h) * T + t + 1) * T);
        for (let s = 0; s <= t; s++) {
          const from = ((b * T + s) * KV + g) * headDim;
          let score = 0;
          for (let d = 0; d < headDim; d++) score += q[at + d] * k[from + d];
          row[s] = score * scale;
        }
        softmaxInPlace(row, t + 1);
        for (let s = 0; s <= t; s++) {
          const from = ((b * T + s) * KV + g) * headDim;
          for (let d = 0; d < headDim; d++) out[at + d] += row[s] * v[from + d];
        }
      }
    }
  }
  return { out, probs };
}

/**
 * With P the softmax weights: dV = P^T dOut, dP = dOut V^T, dS = P (dP - sum_s P dP) / sqrt(headDim), dQ = dS K,
 * dK = dS^T Q; key/value gradients are summed over the query heads that share them. Shapes as `attention`.
 */
export function attentionBackward(
  dOut: Float64Array,
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  probs: Float64Array,
  shape: AttentionShape,
): { dQ: Float64Array; dK: Float64Array; dV: Float64Array } {
  const { B, T, H, KV, headDim } = shape;
  const scale = 1 / Math.sqrt(headDim);
  const dQ = new Float64Array(q.length);
  const dK = new Float64Array(k.length);
  const dV = new Float64Array(v.length);
  const dP = new Float64Array(T);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const g = Math.floor((h * KV) / H);
      for (let t = 0; t < T; t++) {
        const at = ((b * T + t) * H + h) * headDim;
        const row = ((b * H + h) * T + t) * T;
        let mean = 0;
        for (let s = 0; s <= t; s++) {
          const from = ((b * T + s) * KV + g) * headDim;
          dP[s] = 0;
          for (let d = 0; d < headDim; d++) {
            dP[s] += dOut[at + d] * v[from + d];
            dV[from + d] += probs[row + s] * dOut[at + d];
          }
          mean += probs[row + s] * dP[s];
        }
        for (let s = 0; s <= t; s++) {
          const from = ((b * T + s) * KV + g) * headDim;
          const dScore = probs[row + s] * (dP[s] - mean) * scale;
          for (let d = 0; d < headDim; d++) {
            dQ[at + d] += dScore * k[from + d];
            dK[from + d] += dScore * q[at + d];
          }
        }
      }
    }
  }
  return { dQ, dK, dV };
}
