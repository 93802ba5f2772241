import { padded } from './arrays';

/** What no tolerance is for: places that a kernel must leave as they were, or zero. All throw. */

export type Words = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Every number between `columns` and `stride` is zero. */
export function requireZeroPadding(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  stride = padded(columns),
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = columns; c < stride; c++) {
      const value = values[r * stride + c];
      if (value !== 0) throw new Error(`padding at row ${r}, column ${c} is ${value}`);
    }
  }
}

/** Bit for bit the same; names the first place where not (0 and -0 differ). */
export function requireSameBits(got: Words, want: Words, what = 'values'): void {
  if (got.length !== want.length)
    throw new Error(`${what}: ${got.length} numbers, not ${want.length}`);
  const a = new Uint32Array(got.buffer, got.byteOffset, got.length);
  const b = new Uint32Array(want.buffer, want.byteOffset, want.length);
  const at = a.findIndex((word, i) => word !== b[i]);
  if (at >= 0) throw new Error(`${what}[${at}] is ${got[at]}, not ${want[at]}`);
}
