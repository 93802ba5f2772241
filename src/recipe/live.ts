import type { Recipe } from './recipe';

/** Settings that act at the next update of a running arm, without a restart. */
export const LIVE_SETTINGS = [
  'positive_weight',
  'negative_weight',
  'clip_low',
  'clip_high',
  'dual_clip',
  'gppo_low',
  'gppo_high',
  'cov_fraction',
  'cov_low',
  'cov_high',
  'kl_cov_coef',
  'high_entropy_fraction',
  'random_clip_fraction',
  'steer_min_weight',
  'entropy_advantage',
  'entropy_advantage_bound',
  'learning_rate',
  'entropy_coef',
  'kl_coef',
  'temperature',
  'max_grad_norm',
  'weight_decay',
] as const satisfies readonly (keyof Recipe)[];
export type LiveSetting = (typeof LIVE_SETTINGS)[number];
