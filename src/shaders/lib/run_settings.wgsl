// The settings of one run, a row of the settings buffer (R). A slider writes one word; nothing is recompiled.
// The field order is that of SETTINGS_FIELDS in src/gpu/run_settings.ts.

struct RunSettings {
  temperature: f32,
  clip_low: f32,
  clip_high: f32,
  dual_clip: f32,             // 0: off
  positive_weight: f32,
  negative_weight: f32,
  entropy_coef: f32,
  kl_coef: f32,
  objective: u32,             // index into OBJECTIVES of src/recipe/recipe.ts
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
  first_row: u32,             // index of the batch's first row among all rows that are drawn under this key
}
