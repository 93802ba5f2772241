import { expect, test } from 'vitest';
import {
  packSettings,
  SETTINGS_FIELDS,
  SETTINGS_WORDS,
  settingsOf,
  type RunSettings,
} from '../../src/gpu/run_settings';
import { defaultRecipe } from '../../src/recipe/schema';

const now = {
  positiveWeight: 0.25,
  entropyCoef: 0.01,
  clip: { low: 0.2, lowSlope: 0, high: 0.28, highSlope: -0.1 },
  tokenCount: 45,
  positiveTokens: 20,
  adamStep: 1,
  key: [7, 8] as const,
};

test('each field has a word of its own, in order, in the row of its run', () => {
  const names = Object.keys(SETTINGS_FIELDS);
  const settings = Object.fromEntries(names.map((name, i) => [name, i + 1])) as RunSettings;
  const view = new DataView(new ArrayBuffer(3 * SETTINGS_WORDS * 4));
  packSettings(view, 1, settings);
  Object.values(SETTINGS_FIELDS).forEach((type, i) => {
    const at = (SETTINGS_WORDS + i) * 4;
    expect(type === 'f32' ? view.getFloat32(at, true) : view.getUint32(at, true)).toBe(i + 1);
  });
  for (const run of [0, 2]) {
    for (let i = 0; i < SETTINGS_WORDS; i++) {
      expect(view.getUint32((run * SETTINGS_WORDS + i) * 4, true)).toBe(0);
    }
  }
});

test('what is off in a recipe is 0 in the settings', () => {
  const recipe = { ...defaultRecipe, dual_clip: null, max_grad_norm: null };
  const settings = settingsOf(recipe, now);
  expect([settings.dual_clip, settings.max_grad_norm]).toEqual([0, 0]);
  expect(settings.positive_weight).toBe(0.25);
  expect([settings.key0, settings.key1, settings.first_row]).toEqual([7, 8, 0]);
});

test('what the schedules set comes from the moment, not from the recipe', () => {
  const settings = settingsOf({ ...defaultRecipe, entropy_coef: 1, clip_high: 9 }, now);
  expect([settings.entropy_coef, settings.clip_high, settings.clip_high_slope]).toEqual([
    0.01, 0.28, -0.1,
  ]);
});

test('shares of the tokens become counts: floors for what is dropped, at least one, a ceiling for what is kept', () => {
  const of = (changes: object) => settingsOf({ ...defaultRecipe, ...changes }, now);
  expect(of({ cov_fraction: 0.1 }).cov_tokens).toBe(4);
  expect(of({ cov_fraction: 0 }).cov_tokens).toBe(1);
  expect(of({ high_entropy_fraction: 0.2 }).entropy_tokens).toBe(9);
  expect(of({ high_entropy_fraction: 0.21 }).entropy_tokens).toBe(10);
  expect(of({ high_entropy_fraction: 0 }).entropy_tokens).toBe(1);
  expect(of({}).entropy_tokens).toBe(0);
  expect(of({ random_clip_fraction: 0.24 }).random_tokens).toBe(4);
  // 0.29 x 100 is 28.999... in binary, 0.07 x 100 is 7.000...1.
  expect(
    settingsOf({ ...defaultRecipe, cov_fraction: 0.29 }, { ...now, tokenCount: 100 }).cov_tokens,
  ).toBe(29);
  expect(
    settingsOf({ ...defaultRecipe, high_entropy_fraction: 0.07 }, { ...now, tokenCount: 100 })
      .entropy_tokens,
  ).toBe(7);
});

test.each([
  [{}, 0],
  [{ objective: 'cispo' }, 0],
  [{ objective: 'ce-gppo' }, 0],
  [{ objective: 'gspo' }, 1],
  [{ objective: 'clip-cov' }, 1],
  [{ objective: 'kl-cov' }, 1],
  [{ high_entropy_fraction: 0.5 }, 1],
  [{ random_clip_fraction: 0.5 }, 1],
  [{ steer_min_weight: 0.5 }, 1],
] as const)('%o looks at the whole minibatch: %i', (changes, selects) => {
  expect(settingsOf({ ...defaultRecipe, ...changes }, now).selects).toBe(selects);
});

test.each([0.9, 0.95, 0.999])(
  'the bias correction is that of the beta %f which the kernel has',
  (beta) => {
    const recipe = { ...defaultRecipe, adam_beta1: beta, adam_beta2: beta };
    const f = Math.fround;
    for (const adamStep of [1, 2, 1000]) {
      const { bias_correction1, bias_correction2 } = settingsOf(recipe, { ...now, adamStep });
      // A constant gradient g: v is (1 - beta^t) g^2 with the rounded beta, and v / correction must be g^2.
      const moment = Array.from(
        { length: adamStep },
        (_, i) => (1 - f(beta)) * f(beta) ** i,
      ).reduce((a, b) => a + b);
      expect(Math.abs(moment / f(bias_correction1) - 1)).toBeLessThan(1e-7);
      expect(bias_correction2).toBe(bias_correction1);
    }
  },
);

test('before the first step nothing is divided by 0', () => {
  expect(settingsOf(defaultRecipe, { ...now, adamStep: 0 }).bias_correction2).toBe(1);
});
