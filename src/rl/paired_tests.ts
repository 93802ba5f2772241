import { STREAMS, substream } from './random';

/**
 * Exact two-sided sign test: how likely signs at least this lopsided are if both are equally likely. Ties are left
 * out; null without an untied pair. With n pairs p is never below 2^(1-n). Source: Dixon and Mood 1946.
 */
export function signTest(higher: number, lower: number): number | null {
  const n = higher + lower;
  if (n === 0) return null;
  let term = 2 ** -n;
  let tail = 0;
  for (let k = 0; k <= Math.min(higher, lower); k++) {
    tail += term;
    term *= (n - k) / (k + 1);
  }
  // Both tails hold the middle when the signs are even.
  return Math.min(1, 2 * tail);
}

export interface PermutationSettings {
  /** Random assignments of signs, drawn where there are too many to try all. */
  readonly resamples?: number;
  readonly seed?: number;
}

/** Up to this many pairs every assignment of signs is tried: 2^12 = 4096. */
const EXACT_PAIRS = 12;

/**
 * Two-sided paired permutation test of the mean difference: the share of assignments of signs to the differences whose
 * sum is at least as far from zero as the one observed. Exact up to 12 pairs; beyond, a seeded draw that counts the
 * observed assignment as one of those drawn (Phipson and Smyth 2010), so that p is never 0.
 * Null of no differences, and where one is not finite. Source: Fisher 1935; Pitman 1937.
 */
export function permutationTest(
  differences: readonly number[],
  { resamples = 10_000, seed = 0 }: PermutationSettings = {},
): number | null {
  const n = differences.length;
  if (n === 0 || !differences.every(Number.isFinite)) return null;
  const sum = (flipped: (i: number) => boolean) =>
    Math.abs(differences.reduce((total, d, i) => total + (flipped(i) ? -d : d), 0));
  // Sums that are equal but for rounding are as extreme as each other.
  const slack = 1e-12 * differences.reduce((total, d) => total + Math.abs(d), 0);
  const observed = sum(() => false) - slack;
  if (n <= EXACT_PAIRS) {
    let extreme = 0;
    for (let signs = 0; signs < 2 ** n; signs++) {
      if (sum((i) => ((signs >> i) & 1) === 1) >= observed) extreme++;
    }
    return extreme / 2 ** n;
  }
  const random = substream(seed, STREAMS.bootstrap, 1);
  let extreme = 1;
  for (let r = 0; r < resamples; r++) if (sum(() => random() < 0.5) >= observed) extreme++;
  return extreme / (resamples + 1);
}
