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

/**
 * A draw from softmax(logits / temperature) by the Gumbel-max rule: argmax_v logits / temperature - log(-log u).
 * logits, uniform (N, V), uniform in (0, 1) -> token (N).
 */
export function gumbelMax(
  logits: Float64Array,
  uniform: Float64Array,
  V: number,
  temperature: number,
): Int32Array {
  return greedy(
    logits.map((z, i) => z / temperature - Math.log(-Math.log(uniform[i]))),
    V,
  );
}
