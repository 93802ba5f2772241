/**
 * Sums of consecutive groups of rows: out[g, c] = sum of x[n, c] over g perGroup <= n < (g + 1) perGroup, the last group
 * shorter where rows run out. x (N, C) -> (ceil(N / perGroup), C).
 */
export function reduceRows(x: Float64Array, C: number, perGroup: number): Float64Array {
  const N = x.length / C;
  const out = new Float64Array(Math.ceil(N / perGroup) * C);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) out[Math.floor(n / perGroup) * C + c] += x[n * C + c];
  }
  return out;
}

/** out[c] = sum_n x[n, c]. x (N, C) -> (C). */
export function columnSums(x: Float64Array, C: number): Float64Array {
  return reduceRows(x, C, x.length / C);
}

/** sum_i a[i] b[i] of two arrays of one length. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
