import { permutationTest, signTest } from './paired_tests';
import { integerBelow, STREAMS, stream } from './random';

export type Interval = readonly [low: number, high: number];

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (n - 1 in the denominator); NaN of fewer than two values. */
export function sd(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1),
  );
}

/** Quantile with linear interpolation between order statistics; `sorted` ascending and not empty. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

export interface BootstrapSettings {
  /** Share of resampled means inside the interval. */
  readonly level?: number;
  readonly resamples?: number;
  readonly seed?: number;
}

/**
 * Percentile bootstrap interval of the mean (Efron 1979); null of fewer than two values, where resampling says nothing.
 * Seeded: the same values give the same interval.
 */
export function bootstrapInterval(
  values: readonly number[],
  { level = 0.95, resamples = 2000, seed = 0 }: BootstrapSettings = {},
): Interval | null {
  const n = values.length;
  if (n < 2) return null;
  const random = stream(seed, STREAMS.bootstrap);
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[integerBelow(n, random)];
    return sum / n;
  }).sort((a, b) => a - b);
  return [quantile(means, (1 - level) / 2), quantile(means, (1 + level) / 2)];
}

export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** Null of fewer than two values. */
  readonly sd: number | null;
  readonly interval: Interval | null;
}

/** Mean, spread and interval of one quantity over seeds. */
export function summarise(values: readonly number[], settings?: BootstrapSettings): Summary {
  return {
    n: values.length,
    mean: mean(values),
    sd: values.length < 2 ? null : sd(values),
    interval: bootstrapInterval(values, settings),
  };
}

export interface PairedDifference extends Summary {
  /** Pairs in which the first value is higher, lower, equal. */
  readonly higher: number;
  readonly lower: number;
  readonly equal: number;
  /** Cohen's d_z; null where the differences do not vary. */
  readonly effect_size: number | null;
  /** Two-sided p values, not corrected for the number of comparisons; null where there is nothing to test. */
  readonly p_sign: number | null;
  readonly p_permutation: number | null;
}

/**
 * Cohen's d_z of paired differences: their mean over their standard deviation (n - 1 in the denominator).
 * Null of fewer than two values, and where they do not vary. Source: Cohen 1988, section 2.3.5.
 */
export function effectSize(differences: readonly number[]): number | null {
  const centre = mean(differences);
  const spread = sd(differences);
  // Equal differences of rounded numbers spread by a few ulps, which would pass for an enormous effect.
  return spread > 1e-12 * Math.abs(centre) ? centre / spread : null;
}

/** First minus second, pair by pair (the same seed in two arms), with its interval, a count of signs and tests. */
export function pairedDifference(
  first: readonly number[],
  second: readonly number[],
  settings?: BootstrapSettings,
): PairedDifference {
  if (first.length !== second.length) {
    throw new RangeError(`${first.length} values cannot be paired with ${second.length}`);
  }
  const differences = first.map((value, i) => value - second[i]);
  const higher = differences.filter((d) => d > 0).length;
  const lower = differences.filter((d) => d < 0).length;
  return {
    ...summarise(differences, settings),
    higher,
    lower,
    equal: differences.filter((d) => d === 0).length,
    effect_size: effectSize(differences),
    p_sign: signTest(higher, lower),
    p_permutation: permutationTest(differences),
  };
}
