import { integerBelow, STREAMS, substream } from './random';
import { quantile, type Interval } from './statistics';

/**
 * 95% percentile bootstrap interval (Efron 1979) of sum(over) / sum(under), resampling the pairs together; null of fewer
 * than two pairs. Seeded: the same values give the same interval.
 */
export function bootstrapRatio(
  over: readonly number[],
  under: readonly number[],
  resamples = 1000,
): Interval | null {
  const n = over.length;
  if (n !== under.length) throw new RangeError(`${n} values cannot be paired with ${under.length}`);
  if (n < 2) return null;
  const random = substream(0, STREAMS.bootstrap, 2);
  const ratios = Array.from({ length: resamples }, () => {
    let [top, bottom] = [0, 0];
    for (let i = 0; i < n; i++) {
      const at = integerBelow(n, random);
      top += over[at] ?? 0;
      bottom += under[at] ?? 0;
    }
    return top / bottom;
  }).sort((a, b) => a - b);
  return [quantile(ratios, 0.025), quantile(ratios, 0.975)];
}
