import { rope, type RopeTables } from './rope';

/** Keys and values of earlier positions, each (B, KV, capacity, headDim). */
export interface KeyValueCache {
  readonly keys: Float64Array;
  readonly values: Float64Array;
}

/** Sizes of one decoding step. */
export interface DecodeShape {
  readonly B: number;
  /** Query heads and key/value heads; KV divides H. */
  readonly H: number;
  readonly KV: number;
  readonly headDim: number;
  /** Positions the cache has room for. */
  readonly capacity: number;
}

/**
 * Attention of one new position: rotates q and k to it, appends k and v to the cache (which is changed), and attends
 * to positions 0 .. position. q (B, H, headDim), k and v (B, KV, headDim), not rotated -> (B, H, headDim).
 */
export function attentionDecode(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  cache: KeyValueCache,
  tables: RopeTables,
  position: number,
  shape: DecodeShape,
): Float64Array {
  const { B, H, KV, headDim, capacity } = shape;
  const at = new Array<number>(B).fill(position);
  const query = rope(q, tables, at, H, headDim);
  const key = rope(k, tables, at, KV, headDim);
  for (let bg = 0; bg < B * KV; bg++) {
    const to = (bg * capacity + position) * headDim;
    cache.keys.set(key.subarray(bg * headDim, (bg + 1) * headDim), to);
    cache.values.set(v.subarray(bg * headDim, (bg + 1) * headDim), to);
  }
  const out = new Float64Array(B * H * headDim);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const from = (b * KV + Math.floor((h * KV) / H)) * capacity * headDim;
      const to = (b * H + h) * headDim;
      const scores: number[] = [];
      for (let s = 0; s <= position; s++) {
        let score = 0;
        for (let d = 0; d < headDim; d++)
          score += query[to + d] * cache.keys[from + s * headDim + d];
        scores.push(score / Math.sqrt(headDim));
      }
      const largest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - largest));
      const total = weights.reduce((sum, w) => sum + w, 0);
      for (let s = 0; s <= position; s++) {
        for (let d = 0; d < headDim; d++) {
          out[to + d] += (weights[s] / total) * cache.values[from + s * headDim + d];
        }
      }
    }
  }
  return out;
}
