/** The two 16-bit formats of weights: IEEE 754 binary16, and the upper half of binary32. */
export type HalfType = 'F16' | 'BF16';

/** The binary32 bits of a binary16: exact, since binary32 holds every one of them. */
function bitsOfF16(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  // All ones: infinity or NaN.
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: fraction · 2^-24, normal in binary32. Its leading bit becomes the implicit one.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/** The same numbers in f32: (n) bits of 16-bit floating point -> (n). */
export function widened(type: HalfType, halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  if (type === 'BF16') for (let i = 0; i < bits.length; i++) bits[i] = halves[i] << 16;
  else for (let i = 0; i < bits.length; i++) bits[i] = bitsOfF16(halves[i]);
  return new Float32Array(bits.buffer);
}
