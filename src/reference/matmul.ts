/** out = a b + addend. a (M, K), b (K, N), addend (M, N) -> (M, N). */
export function matmulNn(
  a: Float64Array,
  b: Float64Array,
  M: number,
  N: number,
  K: number,
  addend?: Float64Array,
): Float64Array {
  const out = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += a[m * K + k] * b[k * N + n];
      out[m * N + n] = sum + (addend ? addend[m * N + n] : 0);
    }
  }
  return out;
}

/** out = a b^T + addend, the linear layer with b = weight (out, in). a (M, K), b (N, K), addend (M, N) -> (M, N). */
export function matmulNt(
  a: Float64Array,
  b: Float64Array,
  M: number,
  N: number,
  K: number,
  addend?: Float64Array,
): Float64Array {
  const out = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += a[m * K + k] * b[n * K + k];
      out[m * N + n] = sum + (addend ? addend[m * N + n] : 0);
    }
  }
  return out;
}

/** out = a^T b + addend, the weight gradient. a (K, M), b (K, N), addend (M, N) -> (M, N). */
export function matmulTn(
  a: Float64Array,
  b: Float64Array,
  M: number,
  N: number,
  K: number,
  addend?: Float64Array,
): Float64Array {
  const out = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += a[k * M + m] * b[k * N + n];
      out[m * N + n] = sum + (addend ? addend[m * N + n] : 0);
    }
  }
  return out;
}
