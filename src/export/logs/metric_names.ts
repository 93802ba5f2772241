import type { Recipe } from '../../recipe/recipe';
import type { StepMetrics } from '../../rl/metrics';

/** A quantity of ours under another trainer's name. */
interface Named {
  readonly name: string;
  /** What our number is multiplied by to be theirs; 1 where it is absent. */
  readonly factor?: (recipe: Recipe) => number;
}

/** The trainers whose names we know. */
export type Trainer = 'trl' | 'verl';

/**
 * Every quantity of ours by the name that TRL (GRPOTrainer) and verl log it under; null where they have none that means
 * the same. `rlvr/` and `actor/positive_weight` are what our own plug-ins log there (src/export/scale).
 */
export const METRIC_NAMES: {
  readonly [K in keyof StepMetrics]: Readonly<Record<Trainer, Named | null>>;
} = {
  step: { trl: null, verl: { name: 'training/global_step' } },
  entropy: { trl: { name: 'entropy' }, verl: { name: 'actor/entropy' } },
  reward: { trl: { name: 'rewards/verifier/mean' }, verl: { name: 'critic/score/mean' } },
  training_reward: { trl: { name: 'reward' }, verl: { name: 'critic/rewards/mean' } },
  clip_low_fraction: {
    trl: { name: 'clip_ratio/low_mean' },
    verl: { name: 'actor/clip_low_fraction' },
  },
  clip_high_fraction: {
    trl: { name: 'clip_ratio/high_mean' },
    verl: { name: 'actor/clip_high_fraction' },
  },
  grad_norm: { trl: { name: 'grad_norm' }, verl: { name: 'actor/grad_norm' } },
  positive_weight: {
    trl: { name: 'rlvr/positive_weight' },
    verl: { name: 'actor/positive_weight' },
  },
  kl: { trl: { name: 'kl' }, verl: { name: 'actor/kl_loss' } },
  // verl's ppo_kl is the estimator k1, ours is k3.
  approx_kl: { trl: null, verl: null },
  entropy_drive_positive: { trl: null, verl: null },
  entropy_drive_negative: { trl: null, verl: null },
  entropy_drive_positive_likely: { trl: null, verl: null },
  entropy_drive_positive_unlikely: { trl: null, verl: null },
  entropy_drive_negative_likely: { trl: null, verl: null },
  entropy_drive_negative_unlikely: { trl: null, verl: null },
  clipped_drive_positive: { trl: null, verl: null },
  clipped_drive_negative: { trl: null, verl: null },
  positive_token_fraction: { trl: null, verl: null },
  positive_advantage_mass: { trl: null, verl: null },
  negative_advantage_mass: { trl: null, verl: null },
  kept_token_fraction: { trl: null, verl: null },
  replaced_groups: { trl: null, verl: null },
  entropy_coef: { trl: { name: 'entropy_coef' }, verl: null },
  clip_low: { trl: null, verl: null },
  clip_high: { trl: null, verl: null },
  saturated: { trl: null, verl: null },
  zero_variance_groups: {
    trl: { name: 'frac_reward_zero_std', factor: ({ prompts_per_step: n }) => 1 / n },
    verl: null,
  },
  response_length: {
    trl: { name: 'completions/mean_length' },
    verl: { name: 'response_length/mean' },
  },
  // verl logs the surrogate alone as pg_loss.
  loss: { trl: { name: 'loss' }, verl: null },
  ratio_max: { trl: null, verl: null },
  skipped_updates: { trl: null, verl: null },
  updates: { trl: null, verl: null },
  // TRL counts prompts too.
  tokens: { trl: null, verl: null },
};

export const METRIC_KEYS = Object.keys(METRIC_NAMES) as (keyof StepMetrics)[];
