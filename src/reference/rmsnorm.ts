/** 1 / sqrt(mean_c x[n, c]^2 + eps) of row n. */
function inverseRms(x: Float64Array, n: number, C: number, eps: number): number {
  let sum = 0;
  for (let c = 0; c < C; c++) sum += x[n * C + c] ** 2;
  return 1 / Math.sqrt(sum / C + eps);
}

/** out[n, c] = weight[c] x[n, c] / rms(x[n, :]), rms = sqrt(mean x^2 + eps). x (N, C), weight (C) -> (N, C). */
export function rmsnorm(x: Float64Array, weight: Float64Array, eps: number): Float64Array {
  const C = weight.length;
  const out = new Float64Array(x.length);
  for (let n = 0; n < x.length / C; n++) {
    const s = inverseRms(x, n, C, eps);
    for (let c = 0; c < C; c++) out[n * C + c] = weight[c] * x[n * C + c] * s;
  }
  return out;
}

/**
 * With s = 1 / rms: dx[c] = s w[c] dOut[c] - x[c] s^3 / C sum_j w[j] dOut[j] x[j]; dWeight[c] = sum_n dOut x s.
 * dOut, x (N, C), weight (C) -> dx (N, C), dWeight (C).
 */
export function rmsnormBackward(
  dOut: Float64Array,
  x: Float64Array,
  weight: Float64Array,
  eps: number,
): { dx: Float64Array; dWeight: Float64Array } {
  const C = weight.length;
  const dx = new Float64Array(x.length);
  const dWeight = new Float64Array(C);
  for (let n = 0; n < x.length / C; n++) {
    const s = inverseRms(x, n, C, eps);
    let inner = 0;
    for (let c = 0; c < C; c++) inner += weight[c] * dOut[n * C + c] * x[n * C + c];
    for (let c = 0; c < C; c++) {
      const i = n * C + c;
      dx[i] = s * weight[c] * dOut[i] - (x[i] * s ** 3 * inner) / C;
      dWeight[c] += dOut[i] * x[i] * s;
    }
  }
  return { dx, dWeight };
}
