/** out[c] = sum_n x[n, c]. x (N, C) -> (C). */
export function columnSums(x: Float64Array, C: number): Float64Array {
  const out = new Float64Array(C);
  for (let i = 0; i < x.length; i++) out[i % C] += x[i];
  return out;
}

/** sum_i a[i] b[i] of two arrays of one length. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
