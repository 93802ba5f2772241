import { threefry2x32 } from './threefry';

/** What selection needs of each response token, all (N); tokens outside responses are not among them. */
export interface SelectionInput {
  /** Row of the minibatch. */
  readonly row: ArrayLike<number>;
  readonly advantage: ArrayLike<number>;
  readonly oldLogprob: ArrayLike<number>;
  readonly logprob: ArrayLike<number>;
  readonly entropy: ArrayLike<number>;
  /** Place in the rollout grid, the counter of the token's draws. */
  readonly cell: ArrayLike<number>;
}

export interface SelectionSettings {
  readonly objective: string;
  readonly clipLow: number;
  readonly clipHigh: number;
  /** Change of the bounds from probability 0 to 1. */
  readonly clipLowSlope: number;
  readonly clipHighSlope: number;
  readonly covTokens: number;
  readonly covLow: number;
  readonly covHigh: number;
  readonly klCovCoef: number;
  /** 0: all. */
  readonly entropyTokens: number;
  readonly randomTokens: number;
  /** 1: off. */
  readonly steerMinWeight: number;
  readonly key: readonly [number, number];
}

export interface Selection {
  /** Factor of the token's surrogate. */
  readonly keep: Float64Array;
  /** Factor of |logprob - oldLogprob|. */
  readonly penalty: Float64Array;
  /** Log ratio of the token's whole response. */
  readonly logSequenceRatio: Float64Array;
}

/** Purposes of the draws, the second word of their counter. */
const DRAW_IN_BAND = 1;
const DRAW_POSITIVE = 3;
const SMALLEST_LARGEST_CHANGE = 0.02;

/** The places of the `count` largest scores, and of those that tie with the last; all with a score where they are fewer. */
function largestOf(scores: readonly (number | null)[], count: number): Set<number> {
  const places = scores.flatMap((score, n) => (score === null ? [] : [{ score, n }]));
  places.sort((a, b) => b.score - a.score);
  const last = places[Math.min(count, places.length) - 1]?.score ?? Infinity;
  return new Set(places.filter(({ score }) => score >= last).map(({ n }) => n));
}

/**
 * Which tokens of a minibatch the loss learns from. Clip-Cov and KL-Cov: Cui et al. 2025 (arXiv:2505.22617); 80/20: Wang
 * et al. 2025 (arXiv:2506.01939); random positive clipping: Jin et al. 2025 (arXiv:2511.05993); STEER: arXiv:2510.10150;
 * sequence ratio: Zheng et al. 2025, GSPO (arXiv:2507.18071) eq. 7.
 */
export function tokenSelection(input: SelectionInput, settings: SelectionSettings): Selection {
  const { advantage, oldLogprob, logprob, entropy, cell, row } = input;
  const N = advantage.length;
  const all = Array.from({ length: N }, (_, n) => n);
  const mean = (values: ArrayLike<number>) => all.reduce((sum, n) => sum + values[n], 0) / N;
  const [meanA, meanL] = [mean(advantage), mean(logprob)];
  const covariance = all.map((n) => (advantage[n] - meanA) * (logprob[n] - meanL));
  const draw = (n: number, purpose: number) =>
    threefry2x32(settings.key[0], settings.key[1], cell[n], purpose)[0];

  const keep = new Float64Array(N).fill(1);
  const penalty = new Float64Array(N);
  if (settings.steerMinWeight < 1) {
    const change = all.map((n) => {
      const p = Math.exp(logprob[n]);
      const slope = (p * (1 - p)) / Math.exp(oldLogprob[n]);
      return Math.abs(advantage[n] * slope * (logprob[n] + entropy[n]));
    });
    const most = Math.max(SMALLEST_LARGEST_CHANGE, ...change);
    for (const n of all) keep[n] = settings.steerMinWeight ** (change[n] / most);
  }
  if (settings.objective === 'kl-cov') {
    for (const n of largestOf(covariance, settings.covTokens)) penalty[n] = settings.klCovCoef;
  }
  if (settings.objective === 'clip-cov') {
    const scores = all.map((n) => {
      const r = Math.exp(Math.min(20, Math.max(-20, logprob[n] - oldLogprob[n])));
      const p = Math.exp(logprob[n]);
      const high = Math.max(0, settings.clipHigh + settings.clipHighSlope * p);
      const low = Math.max(0, settings.clipLow + settings.clipLowSlope * p);
      const above = advantage[n] > 0 && r > 1 + high;
      const below = advantage[n] < 0 && r < 1 - low;
      const inBand = covariance[n] > settings.covLow && covariance[n] < settings.covHigh;
      return inBand && !above && !below ? draw(n, DRAW_IN_BAND) : null;
    });
    for (const n of largestOf(scores, settings.covTokens)) keep[n] = 0;
  }
  if (settings.entropyTokens > 0) {
    const kept = largestOf(Array.from(entropy), settings.entropyTokens);
    for (const n of all) if (!kept.has(n)) keep[n] = 0;
  }
  if (settings.randomTokens > 0) {
    const scores = all.map((n) => (advantage[n] > 0 ? draw(n, DRAW_POSITIVE) : null));
    for (const n of largestOf(scores, settings.randomTokens)) keep[n] = 0;
  }
  const logSequenceRatio = Float64Array.from(all, (n) => {
    const own = all.filter((m) => row[m] === row[n]);
    return own.reduce((sum, m) => sum + logprob[m] - oldLogprob[m], 0) / own.length;
  });
  return { keep, penalty, logSequenceRatio };
}
