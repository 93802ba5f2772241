import { AGGREGATIONS, OBJECTIVES, type Recipe } from '../recipe/recipe';

/** Fields of `RunSettings` in lib/run_settings.wgsl, in order, with their scalar types. */
export const SETTINGS_FIELDS = {
  temperature: 'f32',
  clip_low: 'f32',
  clip_high: 'f32',
  clip_low_slope: 'f32',
  clip_high_slope: 'f32',
  dual_clip: 'f32',
  positive_weight: 'f32',
  negative_weight: 'f32',
  entropy_coef: 'f32',
  kl_coef: 'f32',
  objective: 'u32',
  aggregation: 'u32',
  aggregation_constant: 'f32',
  token_count: 'f32',
  learning_rate: 'f32',
  beta1: 'f32',
  beta2: 'f32',
  adam_eps: 'f32',
  weight_decay: 'f32',
  max_grad_norm: 'f32',
  bias_correction1: 'f32',
  bias_correction2: 'f32',
  greedy: 'u32',
  key0: 'u32',
  key1: 'u32',
  gppo_low: 'f32',
  gppo_high: 'f32',
  entropy_advantage: 'f32',
  entropy_advantage_bound: 'f32',
  selects: 'u32',
  cov_tokens: 'u32',
  cov_low: 'f32',
  cov_high: 'f32',
  kl_cov_coef: 'f32',
  entropy_tokens: 'u32',
  random_tokens: 'u32',
  steer_min_weight: 'f32',
  first_row: 'u32',
} as const;

export type RunSettings = Record<keyof typeof SETTINGS_FIELDS, number>;

/** 32-bit words of one row. */
export const SETTINGS_WORDS = Object.keys(SETTINGS_FIELDS).length;

/** Writes one run's row into the CPU copy of the settings buffer. */
export function packSettings(into: DataView, run: number, settings: RunSettings): void {
  let at = run * SETTINGS_WORDS * 4;
  for (const [name, type] of Object.entries(SETTINGS_FIELDS)) {
    const value = settings[name as keyof RunSettings];
    if (type === 'f32') into.setFloat32(at, value, true);
    else into.setUint32(at, value, true);
    at += 4;
  }
}

/** Of a run that only generates: no loss, no step. Other rows are made by changing this one. */
export const NEUTRAL: RunSettings = {
  temperature: 1,
  clip_low: 0,
  clip_high: 0,
  clip_low_slope: 0,
  clip_high_slope: 0,
  dual_clip: 0,
  positive_weight: 1,
  negative_weight: 1,
  entropy_coef: 0,
  kl_coef: 0,
  objective: 0,
  aggregation: 0,
  aggregation_constant: 1,
  token_count: 1,
  learning_rate: 0,
  beta1: 0,
  beta2: 0,
  adam_eps: 1,
  weight_decay: 0,
  max_grad_norm: 0,
  bias_correction1: 1,
  bias_correction2: 1,
  greedy: 0,
  key0: 0,
  key1: 0,
  gppo_low: 0,
  gppo_high: 0,
  entropy_advantage: 0,
  entropy_advantage_bound: 1,
  selects: 0,
  cov_tokens: 0,
  cov_low: 0,
  cov_high: 0,
  kl_cov_coef: 0,
  entropy_tokens: 0,
  random_tokens: 0,
  steer_min_weight: 1,
  first_row: 0,
};

/** What a row takes from the step and the minibatch. */
export interface Moment {
  readonly positiveWeight: number;
  readonly entropyCoef: number;
  /** Bounds of the clip range: low + lowSlope x probability, and so on. */
  readonly clip: ClipBounds;
  /** Response tokens of the minibatch, and those with a positive advantage. */
  readonly tokenCount: number;
  readonly positiveTokens: number;
  /** AdamW steps taken, this one included (0: no update). */
  readonly adamStep: number;
  /** Of the draws of token selection. */
  readonly key: readonly [number, number];
}

export interface ClipBounds {
  readonly low: number;
  readonly lowSlope: number;
  readonly high: number;
  readonly highSlope: number;
}

/** The row of one update of one run. */
export function settingsOf(recipe: Recipe, now: Moment): RunSettings {
  return {
    ...NEUTRAL,
    temperature: recipe.temperature,
    clip_low: now.clip.low,
    clip_high: now.clip.high,
    clip_low_slope: now.clip.lowSlope,
    clip_high_slope: now.clip.highSlope,
    dual_clip: recipe.dual_clip ?? 0,
    positive_weight: now.positiveWeight,
    negative_weight: recipe.negative_weight,
    entropy_coef: now.entropyCoef,
    kl_coef: recipe.kl_coef,
    objective: OBJECTIVES.indexOf(recipe.objective),
    aggregation: AGGREGATIONS.indexOf(recipe.aggregation),
    aggregation_constant: recipe.aggregation_constant ?? 1,
    token_count: now.tokenCount,
    learning_rate: recipe.learning_rate,
    beta1: recipe.adam_beta1,
    beta2: recipe.adam_beta2,
    adam_eps: recipe.adam_eps,
    weight_decay: recipe.weight_decay,
    max_grad_norm: recipe.max_grad_norm ?? 0,
    bias_correction1: biasCorrection(recipe.adam_beta1, now.adamStep),
    bias_correction2: biasCorrection(recipe.adam_beta2, now.adamStep),
    key0: now.key[0],
    key1: now.key[1],
    gppo_low: recipe.gppo_low,
    gppo_high: recipe.gppo_high,
    entropy_advantage: recipe.entropy_advantage,
    entropy_advantage_bound: recipe.entropy_advantage_bound,
    selects: selectsTokens(recipe) ? 1 : 0,
    cov_tokens: Math.max(1, shareBelow(recipe.cov_fraction, now.tokenCount)),
    cov_low: recipe.cov_low,
    cov_high: recipe.cov_high,
    kl_cov_coef: recipe.kl_cov_coef,
    entropy_tokens:
      recipe.high_entropy_fraction < 1
        ? Math.max(1, shareAbove(recipe.high_entropy_fraction, now.tokenCount))
        : 0,
    random_tokens: shareBelow(recipe.random_clip_fraction, now.positiveTokens),
    steer_min_weight: recipe.steer_min_weight,
  };
}

/** Whole tokens in a share of them. A share is a decimal: 0.29 x 100 is below 29 in binary, and 0.07 x 100 above 7. */
const shareBelow = (share: number, tokens: number) => Math.floor(share * tokens + 1e-9);
const shareAbove = (share: number, tokens: number) => Math.ceil(share * tokens - 1e-9);

/** Whether an update must look at its whole minibatch before the loss: one more pass, see token_selection.wgsl. */
export function selectsTokens(recipe: Recipe): boolean {
  return (
    recipe.objective === 'gspo' ||
    recipe.objective === 'clip-cov' ||
    recipe.objective === 'kl-cov' ||
    recipe.high_entropy_fraction < 1 ||
    recipe.random_clip_fraction > 0 ||
    recipe.steer_min_weight < 1
  );
}

/**
 * 1 - beta^t, in float64: 1 - 0.999^t in f32 loses digits for small t. With the beta the kernel has, rounded to f32:
 * 1 - 0.999 and 1 - fround(0.999) differ by 1.3e-5 of themselves, which would not cancel in v / (1 - beta^t).
 */
export function biasCorrection(beta: number, step: number): number {
  return step > 0 ? 1 - Math.fround(beta) ** step : 1;
}
