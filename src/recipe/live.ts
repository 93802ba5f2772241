import type { Recipe } from './recipe';

/** Settings that act at the next update of a running arm, without a restart. */
export const LIVE_SETTINGS = [
  'positive_weight',
  'negative_weight',
  'clip_low',
  'clip_high',
  'dual_clip',
  'learning_rate',
  'entropy_coef',
  'kl_coef',
  'temperature',
  'max_grad_norm',
  'weight_decay',
] as const satisfies readonly (keyof Recipe)[];
export type LiveSetting = (typeof LIVE_SETTINGS)[number];
