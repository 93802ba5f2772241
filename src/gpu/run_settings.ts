import { AGGREGATIONS, OBJECTIVES, type Recipe } from '../recipe/recipe';

/** Fields of `RunSettings` in lib/run_settings.wgsl, in order, with their scalar types. */
export const SETTINGS_FIELDS = {
  temperature: 'f32',
  clip_low: 'f32',
  clip_high: 'f32',
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

/** The part of a row that comes from the recipe; what changes with the step is given by the caller. */
export function settingsOf(
  recipe: Recipe,
  now: {
    readonly positiveWeight: number;
    readonly tokenCount: number;
    /** AdamW steps taken, this one included (0: no update). */
    readonly adamStep: number;
    readonly key: readonly [number, number];
    readonly firstRow?: number;
  },
): RunSettings {
  return {
    temperature: recipe.temperature,
    clip_low: recipe.clip_low,
    clip_high: recipe.clip_high,
    dual_clip: recipe.dual_clip ?? 0,
    positive_weight: now.positiveWeight,
    negative_weight: recipe.negative_weight,
    entropy_coef: recipe.entropy_coef,
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
    greedy: 0,
    key0: now.key[0],
    key1: now.key[1],
    first_row: now.firstRow ?? 0,
  };
}

/**
 * 1 - beta^t, in float64: 1 - 0.999^t in f32 loses digits for small t. With the beta the kernel has, rounded to f32:
 * 1 - 0.999 and 1 - fround(0.999) differ by 1.3e-5 of themselves, which would not cancel in v / (1 - beta^t).
 */
function biasCorrection(beta: number, step: number): number {
  return step > 0 ? 1 - Math.fround(beta) ** step : 1;
}
