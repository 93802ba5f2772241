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
    };

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
  readonly objective: Objective;
  readonly aggregation: Aggregation;
  readonly aggregation_constant: number | null;
  readonly clip_low: number;
  readonly clip_high: number;
  readonly dual_clip: number | null;
  readonly positive_weight: number;
  readonly negative_weight: number;
  readonly positive_weight_schedule: PositiveWeightSchedule;
  readonly entropy_coef: number;
  readonly kl_coef: number;
}

export type RecipeKey = keyof Recipe;

/** Estimators of the group advantage; formulas in src/rl/advantage.ts. */
export const ADVANTAGES = ['grpo', 'dr-grpo', 'rloo'] as const;
export type Advantage = (typeof ADVANTAGES)[number];

/** Surrogate objectives; the branch in src/shaders/policy_loss.wgsl has the same order. */
export const OBJECTIVES = ['ppo-clip', 'reinforce'] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** How token losses become one number; the branch in src/shaders/policy_loss.wgsl has the same order. */
export const AGGREGATIONS = ['token-mean', 'sequence-mean', 'constant'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];
