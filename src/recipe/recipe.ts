/** Positive-advantage weight over time. Sources: arXiv 2511.05993 section 7.3 (stage, epoch, entropy-guided). */
export type PositiveWeightSchedule =
  | { readonly kind: 'constant' }
  | { readonly kind: 'stage' }
  | { readonly kind: 'epoch'; readonly epochs: number }
  | {
      readonly kind: 'entropy-guided';
      readonly target: number;
      readonly delta: number;
      readonly initial: number;
    }
  | {
      readonly kind: 'entropy-guided-relative';
      /** Target as a share of the entropy of the first step's rollouts. */
      readonly fraction: number;
      readonly delta: number;
      readonly initial: number;
    };

/** Coefficient of the entropy bonus over time. Source of `adaptive`: Skywork-OR1 (arXiv 2505.22312). */
export type EntropyCoefSchedule =
  | { readonly kind: 'constant' }
  | {
      readonly kind: 'adaptive';
      readonly target: number;
      readonly delta: number;
      readonly max: number;
    };

/** Clip bounds that depend on the probability of a token. Source: arXiv 2602.09782. */
export type DynamicClip =
  | { readonly kind: 'off' }
  | ({ readonly kind: 'constant' | 'increase-decrease' } & DynamicBounds)
  | ({ readonly kind: 'oscillatory-decay'; readonly floor: number } & DynamicBounds);

/** A bound is base + slope x probability. */
export interface DynamicBounds {
  readonly high_base: number;
  readonly high_slope: number;
  readonly low_base: number;
  readonly low_slope: number;
}

/** Every setting of one run. Keys are those of the recipe file; see schema.ts for bounds and help. */
export interface Recipe {
  readonly version: 1;
  readonly task: string;
  readonly policy: string;
  readonly seed: number;
  readonly steps: number;
  readonly prompts_per_step: number;
  readonly group_size: number;
  readonly train_prompts: number;
  /** Training prompts are those whose success rate under the base policy lies in this band. */
  readonly difficulty_low: number;
  readonly difficulty_high: number;
  /** Further rollout batches a step may draw to replace groups of equal rewards; 0: none. */
  readonly dynamic_sampling: number;
  readonly reward: RewardSource;
  readonly label_noise: number;
  readonly length_penalty: number;
  /** Null: no penalty for responses near the longest. */
  readonly overlong_buffer: number | null;
  readonly temperature: number;
  readonly minibatches: number;
  readonly epochs: number;
  readonly learning_rate: number;
  readonly adam_beta1: number;
  readonly adam_beta2: number;
  readonly adam_eps: number;
  readonly weight_decay: number;
  /** Null: gradients are not clipped. */
  readonly max_grad_norm: number | null;
  readonly advantage: Advantage;
  readonly advantage_quantile: number;
  /** 0: the advantage is not shaped by entropy. */
  readonly entropy_advantage: number;
  readonly entropy_advantage_bound: number;
  readonly objective: Objective;
  readonly aggregation: Aggregation;
  readonly aggregation_constant: number | null;
  readonly clip_low: number;
  readonly clip_high: number;
  readonly dual_clip: number | null;
  readonly dynamic_clip: DynamicClip;
  readonly gppo_low: number;
  readonly gppo_high: number;
  readonly cov_fraction: number;
  readonly cov_low: number;
  readonly cov_high: number;
  readonly kl_cov_coef: number;
  readonly high_entropy_fraction: number;
  readonly random_clip_fraction: number;
  readonly steer_min_weight: number;
  readonly positive_weight: number;
  readonly negative_weight: number;
  readonly positive_weight_schedule: PositiveWeightSchedule;
  readonly entropy_coef: number;
  readonly entropy_coef_schedule: EntropyCoefSchedule;
  readonly kl_coef: number;
}

export type RecipeKey = keyof Recipe;

/** Estimators of the group advantage; formulas in src/rl/advantage.ts. */
export const ADVANTAGES = [
  'grpo',
  'dr-grpo',
  'rloo',
  'batch-mean',
  'quantile',
  'psr',
  'nsr',
  'weighted',
] as const;
export type Advantage = (typeof ADVANTAGES)[number];

/** Surrogate objectives; the branch in src/shaders/lib/token_loss.wgsl has the same order. */
export const OBJECTIVES = [
  'ppo-clip',
  'reinforce',
  'gspo',
  'cispo',
  'ce-gppo',
  'clip-cov',
  'kl-cov',
] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** How token losses become one number; the branch in src/shaders/lib/token_loss.wgsl has the same order. */
export const AGGREGATIONS = ['token-mean', 'sequence-mean', 'constant'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** What the learner is told of a response; formulas in src/rl/rewards.ts. */
export const REWARD_SOURCES = ['verifier', 'random', 'preference'] as const;
export type RewardSource = (typeof REWARD_SOURCES)[number];
