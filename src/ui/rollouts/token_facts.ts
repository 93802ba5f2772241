import type { RolloutView, TokenLook } from '../../worker/protocol';

type ClipSide = 'low' | 'high' | null;

/** Everything that is known of one token of a response. Probabilities are at the sampling temperature. */
export interface TokenFacts {
  readonly token: string;
  readonly advantage: number;
  /** When it was drawn; NaN where only entropies were recorded. */
  readonly probability: number;
  /** Nats, when it was drawn. */
  readonly entropy: number;
  /** Null where nobody looked closely. */
  readonly drive: number | null;
  /** Null where nobody looked, or nothing was trained. */
  readonly after: TokenAfter | null;
}

export interface TokenAfter {
  readonly probability: number;
  readonly entropy: number;
  readonly ratio: number;
  readonly clip: {
    readonly lowest: number;
    readonly highest: number;
    readonly side: ClipSide;
  } | null;
}

export function tokenFacts(rollout: RolloutView, t: number): TokenFacts {
  const { tokens, advantage, logprob, entropy, look } = rollout;
  return {
    token: tokens[t] ?? '',
    advantage,
    probability: Math.exp(logprob[t] ?? NaN),
    entropy: entropy[t] ?? NaN,
    drive: look?.drive[t] ?? null,
    after: look?.after ? tokenAfter(look.after, t) : null,
  };
}

function tokenAfter(after: NonNullable<TokenLook['after']>, t: number): TokenAfter {
  const { clip } = after;
  return {
    probability: Math.exp(after.logprob[t] ?? NaN),
    entropy: after.entropy[t] ?? NaN,
    ratio: after.ratio[t] ?? NaN,
    clip: clip && {
      lowest: clip.lowest[t] ?? NaN,
      highest: clip.highest[t] ?? NaN,
      side: clip.side[t] ?? null,
    },
  };
}

/** The distribution at one token, or null where it is not known. */
export function distributionAt(
  rows: ArrayLike<number> | undefined,
  t: number,
  size: number,
): readonly number[] | null {
  if (rows === undefined || rows.length < (t + 1) * size) return null;
  return Array.from({ length: size }, (_, v) => rows[t * size + v] ?? NaN);
}
