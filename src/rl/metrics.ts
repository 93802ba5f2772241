/** One line of metrics: an arm at a step. Numbers only; the keys are those of metrics.jsonl. */
export interface StepMetrics {
  /** Counts from 1. */
  readonly step: number;
  readonly entropy: number;
  readonly reward: number;
  readonly clip_low_fraction: number;
  readonly clip_high_fraction: number;
  readonly grad_norm: number;
  readonly positive_weight: number;
  /** k3 against the base policy; null while kl_coef is 0, when it is not computed. */
  readonly kl: number | null;
  readonly approx_kl: number;
  readonly entropy_drive_positive: number;
  readonly entropy_drive_negative: number;
  /** The same, of tokens likelier than the entropy says (surprisal below it), and of the others. */
  readonly entropy_drive_positive_likely: number;
  readonly entropy_drive_positive_unlikely: number;
  readonly entropy_drive_negative_likely: number;
  readonly entropy_drive_negative_unlikely: number;
  /** Drive that clipping took away: what the clipped tokens would have added. */
  readonly clipped_drive_positive: number;
  readonly clipped_drive_negative: number;
  readonly positive_token_fraction: number;
  /** Mean |A| over response tokens, by sign, before any weight. */
  readonly positive_advantage_mass: number;
  readonly negative_advantage_mass: number;
  /** Mean weight that token selection left; 1 without it. */
  readonly kept_token_fraction: number;
  /** Mean of what the learner was told; `reward` is always the verifier's. */
  readonly training_reward: number;
  /** Groups that dynamic sampling exchanged. */
  readonly replaced_groups: number;
  readonly entropy_coef: number;
  /** Clip bounds at probability 0, as the schedule set them. */
  readonly clip_low: number;
  readonly clip_high: number;
  /** 1 where an entropy-guided weight is at its end and cannot follow. */
  readonly saturated: 0 | 1;
  readonly zero_variance_groups: number;
  readonly response_length: number;
  readonly loss: number;
  readonly ratio_max: number;
  /** Updates skipped because a gradient was not finite. */
  readonly skipped_updates: number;
  /** Updates and response tokens since step 0, for the other x axes. */
  readonly updates: number;
  readonly tokens: number;
}
