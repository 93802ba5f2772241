// The settings of one run, a row of the settings buffer (R). A slider writes one word; nothing is recompiled.
// The field order is that of SETTINGS_FIELDS in src/gpu/run_settings.ts.

// Objectives, in the order of OBJECTIVES in src/recipe/recipe.ts.
const PPO_CLIP = 0u;
const REINFORCE = 1u;
const GSPO = 2u;
const CISPO = 3u;
const CE_GPPO = 4u;
const CLIP_COV = 5u;
const KL_COV = 6u;

struct RunSettings {
  temperature: f32,
  clip_low: f32,
  clip_high: f32,
  clip_low_slope: f32,        // see lib/clip.wgsl
  clip_high_slope: f32,
  dual_clip: f32,             // 0: off
  positive_weight: f32,
  negative_weight: f32,
  entropy_coef: f32,
  kl_coef: f32,
  objective: u32,
  aggregation: u32,           // index into AGGREGATIONS
  aggregation_constant: f32,
  token_count: f32,           // response tokens of this update's minibatch
  learning_rate: f32,
  beta1: f32,
  beta2: f32,
  adam_eps: f32,
  weight_decay: f32,
  max_grad_norm: f32,         // 0: no clipping
  bias_correction1: f32,      // 1 - beta1^t
  bias_correction2: f32,      // 1 - beta2^t
  greedy: u32,                // 1: take the likeliest token
  key0: u32,                  // sampling key of this rollout batch
  key1: u32,
  gppo_low: f32,              // ce-gppo: shares of the gradient that are kept outside the clip range
  gppo_high: f32,
  entropy_advantage: f32,     // 0: off
  entropy_advantage_bound: f32,
  selects: u32,               // 1: policy_loss reads what token_selection wrote
  cov_tokens: u32,            // tokens that clip-cov drops, or kl-cov holds back
  cov_low: f32,
  cov_high: f32,
  kl_cov_coef: f32,
  entropy_tokens: u32,        // tokens of highest entropy that are kept; 0: all
  random_tokens: u32,         // positive tokens that are dropped
  steer_min_weight: f32,      // 1: off
  first_row: u32,             // index of the batch's first row among all rows that are drawn under this key
}
