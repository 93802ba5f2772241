import { describe, expect, test } from 'vitest';
import type { Mapping, Setting } from '../../src/export/scale/setting';
import { TRL_SETTINGS } from '../../src/export/scale/trl_settings';
import { VERL_SETTINGS } from '../../src/export/scale/verl_settings';
import type { Recipe, RecipeKey } from '../../src/recipe/recipe';
import { RECIPE_KEYS } from '../../src/recipe/schema';
import { SCALE_RECIPE } from '../setup/scale_inputs';

/** Another value of every setting; where it only acts beside others, these too. */
const CHANGED: { readonly [K in RecipeKey]: Partial<Recipe> } = {
  version: {},
  task: { task: 'countdown', policy: 'countdown' },
  policy: { policy: 'other.safetensors' },
  seed: { seed: 7 },
  steps: { steps: 77 },
  prompts_per_step: { prompts_per_step: 16 },
  group_size: { group_size: 32 },
  train_prompts: { train_prompts: 4 },
  difficulty_low: { difficulty_low: 0.2 },
  difficulty_high: { difficulty_high: 0.8 },
  dynamic_sampling: { dynamic_sampling: 2 },
  reward: { reward: 'preference' },
  label_noise: { label_noise: 0.1 },
  length_penalty: { length_penalty: 0.5 },
  overlong_buffer: { overlong_buffer: 3 },
  temperature: { temperature: 0.7 },
  minibatches: { minibatches: 16 },
  epochs: { epochs: 5 },
  learning_rate: { learning_rate: 1e-5 },
  adam_beta1: { adam_beta1: 0.8 },
  adam_beta2: { adam_beta2: 0.99 },
  adam_eps: { adam_eps: 1e-6 },
  weight_decay: { weight_decay: 0.1 },
  max_grad_norm: { max_grad_norm: null },
  advantage: { advantage: 'rloo' },
  advantage_quantile: { advantage: 'quantile', advantage_quantile: 0.6 },
  entropy_advantage: { entropy_advantage: 0.4 },
  entropy_advantage_bound: { entropy_advantage: 0.4, entropy_advantage_bound: 3 },
  objective: { objective: 'clip-cov' },
  aggregation: { aggregation: 'constant', aggregation_constant: 4 },
  aggregation_constant: { aggregation: 'constant', aggregation_constant: 6 },
  clip_low: { clip_low: 0.1 },
  clip_high: { clip_high: 0.28 },
  dual_clip: { dual_clip: 3 },
  dynamic_clip: {
    dynamic_clip: {
      kind: 'increase-decrease',
      high_base: 0.5,
      high_slope: -0.25,
      low_base: 0.3,
      low_slope: -0.13,
    },
  },
  gppo_low: { objective: 'ce-gppo', gppo_low: 0.75 },
  gppo_high: { objective: 'ce-gppo', gppo_high: 0.75 },
  cov_fraction: { objective: 'kl-cov', cov_fraction: 0.1 },
  cov_low: { objective: 'clip-cov', cov_low: 0.5 },
  cov_high: { objective: 'clip-cov', cov_high: 2 },
  kl_cov_coef: { objective: 'kl-cov', kl_cov_coef: 0.5 },
  high_entropy_fraction: { high_entropy_fraction: 0.2 },
  random_clip_fraction: { random_clip_fraction: 0.3 },
  steer_min_weight: { steer_min_weight: 0.8 },
  positive_weight: { positive_weight: 0.25 },
  negative_weight: { negative_weight: 0.25 },
  positive_weight_schedule: { positive_weight_schedule: { kind: 'stage' } },
  entropy_coef: { entropy_coef: 0.01 },
  entropy_coef_schedule: {
    entropy_coef_schedule: { kind: 'adaptive', target: 0.5, delta: 0.005, max: 0.1 },
  },
  kl_coef: { kl_coef: 0.05 },
};

const trainers: readonly [string, Mapping][] = [
  ['TRL', TRL_SETTINGS],
  ['verl', VERL_SETTINGS],
];

/** What a setting becomes as it is, and when it has another value. */
const bothOf = (mapping: Mapping, key: RecipeKey): Setting[] =>
  [SCALE_RECIPE, { ...SCALE_RECIPE, ...CHANGED[key] }].map(mapping[key]);

describe.each(trainers)('every setting for %s', (_, mapping) => {
  test('is accounted for, and no other', () => {
    expect(Object.keys(mapping).sort()).toEqual([...RECIPE_KEYS].sort());
  });

  test.each(RECIPE_KEYS)('%s maps exactly, or says in a sentence what differs', (key) => {
    for (const { fit, args, where, note } of bothOf(mapping, key)) {
      expect(where).not.toBe('');
      if (fit === 'exact') expect(note).toBe('');
      else expect(note).toMatch(/^([A-Z]|verl|transformers).{15,}\.$/);
      if (fit === 'none') expect(args).toEqual([]);
    }
  });

  test.each(RECIPE_KEYS)(
    '%s with another value changes what is passed, or is read by a file',
    (key) => {
      const [before, after] = bothOf(mapping, key);
      const passed = JSON.stringify(before.args) !== JSON.stringify(after.args);
      const read = /\.(py|json|jsonl)\b|policy\/|MODEL/.test(
        `${after.where} ${JSON.stringify(after.args)}`,
      );
      const beside = after.where.includes('optim.betas');
      expect(passed || read || beside || after.fit === 'none').toBe(true);
    },
  );

  test('names every argument once', () => {
    for (const changed of Object.values(CHANGED)) {
      const names = RECIPE_KEYS.flatMap((key) =>
        mapping[key]({ ...SCALE_RECIPE, ...changed }).args.map(([name]) => name),
      );
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

test('what differs between the trainers', () => {
  const fits = (mapping: Mapping, key: RecipeKey) => bothOf(mapping, key)[1].fit;
  expect(fits(TRL_SETTINGS, 'entropy_coef_schedule')).toBe('exact');
  expect(fits(VERL_SETTINGS, 'entropy_coef_schedule')).toBe('none');
  expect(fits(TRL_SETTINGS, 'weight_decay')).toBe('approximate');
  expect(fits(VERL_SETTINGS, 'weight_decay')).toBe('exact');
  expect(fits(TRL_SETTINGS, 'dynamic_sampling')).toBe('none');
});

test('verl cuts a batch of 8 prompts into 8 minibatches where 16 are asked for', () => {
  const { args, note } = VERL_SETTINGS.minibatches({ ...SCALE_RECIPE, minibatches: 16 });
  expect(args).toEqual([['actor_rollout_ref.actor.ppo_mini_batch_size', '1']]);
  expect(note).toContain('8 of them instead of 16');
});
