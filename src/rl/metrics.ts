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
  readonly positive_token_fraction: number;
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
