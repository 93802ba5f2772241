import { bootstrapRatio } from '../../rl/bootstrap_ratio';
import { decimalsFor, fixed } from '../../rl/number_words';
import { mean, summarise, type Interval } from '../../rl/statistics';

/** A number with what is known of its error. */
export interface Statement {
  readonly mean: number;
  /** 95% bootstrap over seeds; null of one. */
  readonly interval: Interval | null;
}

/** "0.712 [0.690, 0.731]". */
export function statementInWords(
  { mean: centre, interval }: Statement,
  write: (value: number, decimals: number) => string = fixed,
): string {
  const decimals = decimalsFor([centre, ...(interval ?? [])]);
  const range = interval?.map((end) => write(end, decimals)).join(', ');
  return `${write(centre, decimals)}${range === undefined ? '' : ` [${range}]`}`;
}

/** Mean over the seeds that have a number, with its interval; "none" of none. */
export function meanInWords(values: readonly number[]): string {
  return values.length === 0 ? 'none' : statementInWords(summarise(values));
}

/**
 * A ratio of sums over seeds, with its interval where both have the same seeds: a mean of ratios would be ruled by the
 * seed whose denominator is nearest 0.
 */
export function ratioInWords(above: readonly number[], below: readonly number[]): string {
  if (above.length === 0 || below.length === 0 || mean(below) === 0) return 'none';
  return statementInWords({
    mean: mean(above) / mean(below),
    interval: above.length === below.length ? boundedRatio(above, below) : null,
  });
}

/** Where resampled denominators pass through 0 a ratio has no interval. */
function boundedRatio(above: readonly number[], below: readonly number[]): Interval | null {
  const signs = new Set(below.map(Math.sign));
  return signs.size === 1 ? bootstrapRatio(above, below) : null;
}
