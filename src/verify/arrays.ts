/** Arrays as the GPU holds them, where rows are padded to a multiple of 4 numbers, and as the twins do. */

/** Largest relative error of rounding to f32: half of one ULP. */
export const ROUNDING = 2 ** -24;

export const padded = (n: number): number => Math.ceil(n / 4) * 4;

/** Rows moved apart to `stride`, the gaps zero. */
export function pad(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  stride = padded(columns),
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * stride);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[r * stride + c] = values[r * columns + c];
  }
  return out;
}

/** The opposite of `pad`. */
export function unpad(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  stride = padded(columns),
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[r * columns + c] = values[r * stride + c];
  }
  return out;
}

export const float32 = (values: ArrayLike<number>): Float32Array<ArrayBuffer> =>
  Float32Array.from(values);
/** What the twin gets: the GPU's very inputs. */
export const float64 = (values: ArrayLike<number>): Float64Array => Float64Array.from(values);

/** Arrays of all runs one after the other. */
export function joined(parts: readonly ArrayLike<number>[]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** As `joined`, without rounding. */
export function joined64(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}
