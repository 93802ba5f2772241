/** One token's distribution, and one step of plain gradient descent on that token's surrogate. Temperature 1, ratio 1. */
export interface Push {
  /** (V) */
  readonly logits: readonly number[];
  /** The sampled token, whose log-probability is pushed up (advantage above 0) or down. */
  readonly token: number;
  readonly advantage: number;
  /** The step: logits move by stepSize times minus the gradient. */
  readonly stepSize: number;
}

/** What the push does. Entropies in nats. */
export interface Pushed {
  readonly logprob: number;
  readonly entropy: number;
  /** Entropy drive, docs/math.md (39): the change of entropy per unit of step size, to first order. */
  readonly drive: number;
  /** (V) of the surrogate with respect to the logits, (35). */
  readonly gradient: readonly number[];
  /** After the step, computed anew. */
  readonly entropyAfter: number;
}

/** The logits after the step: down the gradient. */
export function pushedLogits(
  { logits, stepSize }: Pick<Push, 'logits' | 'stepSize'>,
  gradient: readonly number[],
): number[] {
  return logits.map((logit, v) => logit - stepSize * (gradient[v] ?? 0));
}

/** Which of the four cases of (82) a push is. */
export interface Quadrant {
  readonly up: boolean;
  /** The token surprises less than the average: -log p below the entropy. */
  readonly likely: boolean;
  /** What the rule says of entropy. */
  readonly rises: boolean;
  /** A likely token so near the line that the second term of the bracket wins: the rule does not hold for it. */
  readonly nearTheLine: boolean;
}

/** Up and likely, or down and unlikely: entropy falls. The other two: it rises. */
export function quadrantOf(
  { advantage }: Pick<Push, 'advantage'>,
  { logprob, entropy, drive }: Pick<Pushed, 'logprob' | 'entropy' | 'drive'>,
): Quadrant {
  const up = advantage > 0;
  const likely = -logprob < entropy;
  const rises = up !== likely;
  return { up, likely, rises, nearTheLine: likely && drive !== 0 && drive > 0 !== rises };
}
