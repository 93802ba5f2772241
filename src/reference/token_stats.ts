/** log softmax(logits[n, :] / temperature) of one row of (N, V) -> (V). */
export function logSoftmaxRow(
  logits: Float64Array,
  n: number,
  V: number,
  temperature: number,
): Float64Array {
  const z = Float64Array.from(logits.subarray(n * V, (n + 1) * V), (x) => x / temperature);
  let max = z[0];
  for (const x of z) max = Math.max(max, x);
  let sum = 0;
  for (const x of z) sum += Math.exp(x - max);
  const logSum = Math.log(sum);
  return z.map((x) => x - max - logSum);
}

/** -sum_v p_v log p_v in nats, from log-probabilities. */
export function entropyOf(logProbs: Float64Array): number {
  let sum = 0;
  for (const l of logProbs) sum -= Math.exp(l) * l;
  return sum;
}

/**
 * Log-probability of the chosen token and entropy of the policy softmax(logits / temperature), per row.
 * logits (N, V), token (N) -> logprob, entropy (N).
 */
export function tokenStats(
  logits: Float64Array,
  token: ArrayLike<number>,
  V: number,
  temperature: number,
): { logprob: Float64Array; entropy: Float64Array } {
  const N = token.length;
  const logprob = new Float64Array(N);
  const entropy = new Float64Array(N);
  for (let n = 0; n < N; n++) {
    const logProbs = logSoftmaxRow(logits, n, V, temperature);
    logprob[n] = logProbs[token[n]];
    entropy[n] = entropyOf(logProbs);
  }
  return { logprob, entropy };
}
