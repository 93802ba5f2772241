/** Rows of a table picked by token: out[n, c] = table[token[n], c]. table (V, C), token (N) -> out (N, C). */
export function embedding(table: Float64Array, token: ArrayLike<number>, C: number): Float64Array {
  const N = token.length;
  const out = new Float64Array(N * C);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) out[n * C + c] = table[token[n] * C + c];
  }
  return out;
}

/** Gradient of the table: each row of dOut (N, C) is added to the row of its token -> dTable (V, C). */
export function embeddingBackward(
  dOut: Float64Array,
  token: ArrayLike<number>,
  V: number,
  C: number,
): Float64Array {
  const dTable = new Float64Array(V * C);
  for (let n = 0; n < token.length; n++) {
    for (let c = 0; c < C; c++) dTable[token[n] * C + c] += dOut[n * C + c];
  }
  return dTable;
}
