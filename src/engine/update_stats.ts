/** Places of the sums that policy_loss.wgsl keeps, in numbers of one run's row: 4 x vec4f index + component. */
export const STAT = {
  policyLoss: 0,
  klLoss: 1,
  entropyLoss: 2,
  approxKl: 3,
  clipLow: 4,
  clipHigh: 5,
  positive: 6,
  negative: 7,
  drivePositive: 8,
  driveNegative: 9,
  tokens: 10,
  k3: 11,
  /** Maxima, not sums. */
  ratioMax: 12,
  logRatioMax: 13,
  logprob: 16,
  entropy: 17,
  ratio: 18,
  drive: 19,
  /** Drive by sign, of tokens likelier (less surprising) than the entropy, and of the others. */
  drivePositiveLikely: 20,
  drivePositiveUnlikely: 21,
  driveNegativeLikely: 22,
  driveNegativeUnlikely: 23,
  /** Drive that clipping took away, by sign. */
  removedPositive: 24,
  removedNegative: 25,
  /** Sum of the tokens' selection weights. */
  kept: 26,
} as const;
