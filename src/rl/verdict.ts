import type { Claim } from '../recipe/about';
import { decimalsFor, signed } from './number_words';
import { quantityAt, splitPath } from './quantity';
import type { Interval, PairedDifference } from './statistics';
import type { ExperimentSummary, PairSummary } from './summary';

/** The arm said to be higher minus the other, seed by seed. */
export interface ClaimedDifference {
  readonly mean: number;
  /** 95% bootstrap; null of one seed. */
  readonly interval: Interval | null;
  /** Seeds compared. */
  readonly n: number;
  /** Seeds in which the difference is as claimed, and in which it is the other way. */
  readonly asClaimed: number;
  readonly otherWay: number;
  /** d_z: the mean by the standard deviation of the differences; null where they do not spread. */
  readonly effectSize: number | null;
  /** Of a two-sided permutation of signs: at least 0.25 of three seeds, 0.0625 of five. */
  readonly p: number | null;
}

/** What an experiment says about a claim. */
export interface Verdict {
  /**
   * agrees: the whole interval lies above 0; reversed: below; undecided: it holds 0, or there is one seed only;
   * unmeasured: the summary lacks the arms or the quantity.
   */
  readonly holds: 'agrees' | 'reversed' | 'undecided' | 'unmeasured';
  /** Null where unmeasured. */
  readonly difference: ClaimedDifference | null;
}

type Comparison = Pick<Claim, 'measure' | 'higher' | 'lower'>;

const UNMEASURED: Verdict = { holds: 'unmeasured', difference: null };

/** Judges a claim by the paired difference of its two arms. */
export function judge(claim: Comparison, { pairs }: Pick<ExperimentSummary, 'pairs'>): Verdict {
  for (const pair of pairs) {
    const straight = pair.first === claim.higher && pair.second === claim.lower;
    const turned = pair.first === claim.lower && pair.second === claim.higher;
    if (!straight && !turned) continue;
    const found = differenceAt(pair, claim.measure);
    if (found === null) return UNMEASURED;
    const difference = straight ? asClaimed(found) : turnedRound(found);
    return { holds: verdictOf(difference), difference };
  }
  return UNMEASURED;
}

/** One sentence with effect size, interval and seeds, such as "agrees: +0.087 [+0.061, +0.113] nats, 3 of 3 seeds". */
export function verdictInWords({ measure }: Pick<Claim, 'measure'>, verdict: Verdict): string {
  const { difference, holds } = verdict;
  if (difference === null) return 'unmeasured';
  const { mean, interval, n, asClaimed: agreeing, otherWay } = difference;
  const decimals = decimalsFor([mean, ...(interval ?? [])]);
  const range = interval?.map((end) => signed(end, decimals)).join(', ');
  const unit = quantityAt(measure)?.unit ?? '';
  const size = [signed(mean, decimals), range === undefined ? '' : `[${range}]`, unit]
    .filter((part) => part !== '')
    .join(' ');
  const seeds = {
    agrees: `${agreeing} of ${n} seeds`,
    reversed: `${otherWay} of ${n} seeds the other way`,
    undecided: n === 1 ? 'one seed only' : `${agreeing} of ${n} seeds as claimed`,
    unmeasured: '',
  }[holds];
  return `${holds}: ${size}, ${seeds}${testInWords(difference)}`;
}

function testInWords({ n, effectSize, p }: ClaimedDifference): string {
  if (n < 2 || p === null) return '';
  const effect = effectSize === null ? '' : `d_z ${signed(effectSize, 1)}, `;
  return ` (${effect}p ${p.toFixed(p < 0.1 ? 3 : 2)})`;
}

function verdictOf({ interval, n }: ClaimedDifference): Verdict['holds'] {
  if (n < 2 || interval === null) return 'undecided';
  const [low, high] = interval;
  if (low > 0) return 'agrees';
  return high < 0 ? 'reversed' : 'undecided';
}

function asClaimed(found: PairedDifference): ClaimedDifference {
  const { mean, interval, n, higher, lower, effect_size, p_permutation: p } = found;
  return { mean, interval, n, asClaimed: higher, otherWay: lower, effectSize: effect_size, p };
}

function turnedRound(found: PairedDifference): ClaimedDifference {
  const { mean, interval, n, effectSize, p, asClaimed: higher, otherWay } = asClaimed(found);
  return {
    mean: -mean,
    interval: interval && [-interval[1], -interval[0]],
    n,
    asClaimed: otherWay,
    otherWay: higher,
    effectSize: effectSize && -effectSize,
    p,
  };
}

/** Looks only at own properties: the path comes from a file. */
function differenceAt(pair: PairSummary, measure: string): PairedDifference | null {
  const [head, rest] = splitPath(measure);
  const part = own(pair, head);
  const found = rest === '' ? part : own(part, rest);
  return isDifference(found) && found.n > 0 && Number.isFinite(found.mean) ? found : null;
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function isDifference(value: unknown): value is PairedDifference {
  return typeof own(value, 'mean') === 'number' && typeof own(value, 'higher') === 'number';
}
