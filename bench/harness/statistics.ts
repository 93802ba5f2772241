import { quantile } from '../../src/rl/statistics';

/** Middle of the values, the mean of the middle two of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Ratios of times measured in the same round, and how far they lie apart. */
export interface PairedRatio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * other[i] / ours[i] for every round i. What slows the machine for a while slows a whole round, so the ratio of a round
 * means more than a ratio of medians. Above 1 we are faster.
 */
export function pairedRatio(other: readonly number[], ours: readonly number[]): PairedRatio {
  if (other.length !== ours.length || ours.length === 0) {
    throw new Error(`${other.length} and ${ours.length} rounds make no pairs`);
  }
  const ratios = other.map((time, round) => time / (ours[round] ?? NaN));
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}

/** y = scale x^exponent. */
export interface PowerLaw {
  readonly exponent: number;
  readonly scale: number;
}

/** Least squares of log y on log x; null of fewer than two different x, or where a number is not positive. */
export function fitPower(x: readonly number[], y: readonly number[]): PowerLaw | null {
  if (x.length !== y.length) throw new Error(`${x.length} and ${y.length} numbers`);
  if ([...x, ...y].some((value) => !(value > 0))) return null;
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const centre = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [meanU, meanV] = [centre(u), centre(v)];
  const spread = u.reduce((sum, value) => sum + (value - meanU) ** 2, 0);
  if (!(spread > 1e-12)) return null;
  const joint = u.reduce((sum, value, i) => sum + (value - meanU) * ((v[i] ?? NaN) - meanV), 0);
  const exponent = joint / spread;
  return { exponent, scale: Math.exp(meanV - exponent * meanU) };
}

/** Largest |a - b| / max(|b|, floor) of two lists. Infinity where a length differs or a number is not finite. */
export function largestGap(a: ArrayLike<number>, b: ArrayLike<number>, floor = 0): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const [x = NaN, y = NaN] = [a[i], b[i]];
    const gap = x === y ? 0 : Math.abs(x - y) / Math.max(Math.abs(y), floor);
    largest = Number.isFinite(gap) ? Math.max(largest, gap) : Infinity;
  }
  return largest;
}

/** Share of places at which two lists differ; 1 where a length differs. */
export function differingShare(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return 1;
  let different = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) different++;
  return different / a.length;
}
