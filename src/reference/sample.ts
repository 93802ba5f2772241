import { threefry2x32 } from './threefry';

/** Index of the largest value of each row; the lower index wins a tie. x (N, V) -> (N). */
export function greedy(x: Float64Array, V: number): Int32Array {
  const out = new Int32Array(x.length / V);
  for (let n = 0; n < out.length; n++) {
    let best = 0;
    for (let v = 1; v < V; v++) if (x[n * V + v] > x[n * V + best]) best = v;
    out[n] = best;
  }
  return out;
}

/** A standard Gumbel variate -log(-log(1 - u)) from 32 random bits, u = (top 23 bits + 1/2) / 2^23. */
export function gumbel(bits: number): number {
  const u = ((bits >>> 9) + 0.5) * 2 ** -23;
  return -Math.log(-Math.log1p(-u));
}

/** The Gumbel noise of one row: token v takes word v % 2 of threefry at counter (cell, floor(v / 2)) -> (V). */
export function gumbelNoise(key0: number, key1: number, cell: number, V: number): Float64Array {
  return Float64Array.from({ length: V }, (_, v) =>
    gumbel(threefry2x32(key0, key1, cell, Math.floor(v / 2))[v % 2]),
  );
}

/**
 * A draw from softmax(logits / temperature) by the Gumbel-max rule, argmax_v (logits / temperature + noise).
 * logits and Gumbel noise (N, V) -> token (N).
 */
export function gumbelMax(
  logits: Float64Array,
  noise: Float64Array,
  V: number,
  temperature: number,
): Int32Array {
  return greedy(
    logits.map((z, i) => z / temperature + noise[i]),
    V,
  );
}
