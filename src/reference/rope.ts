/** Angles of rotary position embedding: cos and sin (T, headDim / 2). */
export interface RopeTables {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** angle[t, i] = t theta^(-i / half), half = headDim / 2 -> cos, sin (T, half). */
export function ropeTables(T: number, headDim: number, theta: number): RopeTables {
  const half = headDim / 2;
  const cos = new Float64Array(T * half);
  const sin = new Float64Array(T * half);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < half; i++) {
      const angle = t * theta ** (-i / half);
      cos[t * half + i] = Math.cos(angle);
      sin[t * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

/** Rotates each pair (i, i + half) of each head by direction x the angle of the row's position. */
function rotate(
  x: Float64Array,
  tables: RopeTables,
  position: ArrayLike<number>,
  heads: number,
  headDim: number,
  direction: 1 | -1,
): Float64Array {
  const half = headDim / 2;
  const out = new Float64Array(x.length);
  for (let n = 0; n < position.length; n++) {
    for (let h = 0; h < heads; h++) {
      const at = (n * heads + h) * headDim;
      for (let i = 0; i < half; i++) {
        const c = tables.cos[position[n] * half + i];
        const s = direction * tables.sin[position[n] * half + i];
        out[at + i] = x[at + i] * c - x[at + half + i] * s;
        out[at + half + i] = x[at + half + i] * c + x[at + i] * s;
      }
    }
  }
  return out;
}

/** Half-split rotation by the position's angle. x (N, heads, headDim), position (N) -> (N, heads, headDim). */
export function rope(
  x: Float64Array,
  tables: RopeTables,
  position: ArrayLike<number>,
  heads: number,
  headDim: number,
): Float64Array {
  return rotate(x, tables, position, heads, headDim, 1);
}

/** Rotation by the opposite angle: the inverse of `rope` and, being its transpose, its backward. Shapes as `rope`. */
export function ropeInverse(
  x: Float64Array,
  tables: RopeTables,
  position: ArrayLike<number>,
  heads: number,
  headDim: number,
): Float64Array {
  return rotate(x, tables, position, heads, headDim, -1);
}
