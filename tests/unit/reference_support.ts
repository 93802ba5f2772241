import { threefry2x32 } from '../../src/reference/threefry';

/** Seeded random numbers for test inputs. */
export interface Source {
  /** Uniform in (0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** An integer in [0, n). */
  below(n: number): number;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
  /** n normal numbers times `scale`. */
  array(n: number, scale?: number): Float64Array;
}

/** A source of its own for each seed. */
export function source(seed: number): Source {
  let counter = 0;
  const uniform = () => (threefry2x32(seed, 0x7e57, counter++, 0)[0] + 0.5) * 2 ** -32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const below = (n: number) => Math.floor(uniform() * n);
  return {
    uniform,
    normal,
    below,
    pick: (items) => items[below(items.length)],
    array: (n, scale = 1) => Float64Array.from({ length: n }, () => scale * normal()),
  };
}

/** Step of the central differences: truncation falls and rounding rises as it shrinks; both stay near 1e-10 here. */
export const H = 1e-5;

/** Largest gap allowed between an analytic gradient and central differences, relative to the largest entry. */
export const GRADIENT_LIMIT = 1e-7;

export const largest = (x: ArrayLike<number>): number => {
  let worst = 0;
  for (let i = 0; i < x.length; i++) worst = Math.max(worst, Math.abs(x[i]));
  return worst;
};

/** Largest difference of two arrays of one length. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst;
}

/** Central differences of f by every entry of x, which is restored. */
export function numericGradient(f: () => number, x: Float64Array): Float64Array {
  return x.map((value, i) => {
    x[i] = value + H;
    const up = f();
    x[i] = value - H;
    const down = f();
    x[i] = value;
    return (up - down) / (2 * H);
  });
}

/**
 * Largest gap between an analytic gradient of f by x and central differences, relative to the largest entry; a
 * gradient below 0.01 is measured against 0.01, since rounding in f does not shrink with it.
 */
export function gradientGap(f: () => number, x: Float64Array, analytic: Float64Array): number {
  const numeric = numericGradient(f, x);
  return difference(numeric, analytic) / Math.max(largest(analytic), 0.01);
}
