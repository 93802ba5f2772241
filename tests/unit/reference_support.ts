import { largest } from '../../src/verify/arrays';

/** Step of the central differences: truncation falls and rounding rises as it shrinks; both stay near 1e-10 here. */
export const H = 1e-5;

/** Largest gap allowed between an analytic gradient and central differences, relative to the largest entry. */
export const GRADIENT_LIMIT = 1e-7;

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
