import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIVE_SETTINGS } from '../../src/recipe/live';
import type { Recipe, RecipeKey } from '../../src/recipe/recipe';
import {
  completeRecipe,
  defaultRecipe,
  knobOf,
  parsePartialRecipe,
  parseRecipe,
  RECIPE_KEYS,
  schema,
  settingProblems,
  type PolicyRules,
} from '../../src/recipe/schema';
import { scheduleForms, type ScheduleForm } from '../../src/recipe/schedule_forms';

/** The messages of a refusal; fails the test where the value was taken. */
function refusals(value: unknown, policies?: PolicyRules): string[] {
  const result = parseRecipe(value, policies);
  if (result.ok) throw new Error(`accepted ${JSON.stringify(value)}`);
  return result.problems.map(({ message }) => message);
}

function accepted(value: unknown, policies?: PolicyRules): Recipe {
  const result = parseRecipe(value, policies);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.value;
}

/** Every key of Recipe; the compiler refuses a missing or a foreign one. */
const EVERY_KEY: Readonly<Record<RecipeKey, true>> = {
  version: true,
  task: true,
  policy: true,
  seed: true,
  steps: true,
  prompts_per_step: true,
  group_size: true,
  train_prompts: true,
  temperature: true,
  minibatches: true,
  epochs: true,
  learning_rate: true,
  adam_beta1: true,
  adam_beta2: true,
  adam_eps: true,
  weight_decay: true,
  max_grad_norm: true,
  advantage: true,
  objective: true,
  aggregation: true,
  aggregation_constant: true,
  clip_low: true,
  clip_high: true,
  dual_clip: true,
  positive_weight: true,
  negative_weight: true,
  positive_weight_schedule: true,
  entropy_coef: true,
  kl_coef: true,
  difficulty_low: true,
  difficulty_high: true,
  dynamic_sampling: true,
  reward: true,
  label_noise: true,
  length_penalty: true,
  overlong_buffer: true,
  advantage_quantile: true,
  entropy_advantage: true,
  entropy_advantage_bound: true,
  dynamic_clip: true,
  gppo_low: true,
  gppo_high: true,
  cov_fraction: true,
  cov_low: true,
  cov_high: true,
  kl_cov_coef: true,
  high_entropy_fraction: true,
  random_clip_fraction: true,
  steer_min_weight: true,
  entropy_coef_schedule: true,
};

describe('the schema', () => {
  test('has every key of a recipe once', () => {
    expect(RECIPE_KEYS.slice().sort()).toEqual(Object.keys(EVERY_KEY).sort());
    expect(schema.map((knob) => knob.key)).toEqual(RECIPE_KEYS);
  });

  test('marks exactly the live settings as live', () => {
    const live = schema.filter((knob) => knob.acts === 'live').map((knob) => knob.key);
    expect(live.sort()).toEqual(LIVE_SETTINGS.slice().sort());
  });

  test.each(schema)('$key has words, and a default and a usual range within its bounds', (knob) => {
    expect(knob.label).not.toBe('');
    expect(knob.help).toMatch(/^\S.*\.$/);
    expect(settingProblems(knob.key, knob.default)).toEqual([]);
    if (knob.type !== 'number') return;
    const [low, high] = knob.usual;
    expect(low).toBeGreaterThanOrEqual(knob.min);
    expect(high).toBeLessThanOrEqual(knob.max);
    expect(low).toBeLessThan(high);
    if (knob.scale === 'log') expect(low).toBeGreaterThan(0);
  });

  test('labels differ', () => {
    expect(new Set(schema.map((knob) => knob.label)).size).toBe(schema.length);
  });

  test('the defaults are those of the design', () => {
    expect(accepted({})).toEqual(defaultRecipe);
    expect(defaultRecipe).toEqual({
      version: 1,
      task: 'chain-sum',
      policy: 'chain-sum',
      seed: 0,
      steps: 40,
      prompts_per_step: 8,
      group_size: 16,
      train_prompts: 1024,
      temperature: 1,
      minibatches: 4,
      epochs: 2,
      learning_rate: 3e-4,
      adam_beta1: 0.9,
      adam_beta2: 0.95,
      adam_eps: 1e-8,
      weight_decay: 0,
      max_grad_norm: 1,
      advantage: 'grpo',
      objective: 'ppo-clip',
      aggregation: 'token-mean',
      aggregation_constant: null,
      clip_low: 0.2,
      clip_high: 0.2,
      dual_clip: null,
      positive_weight: 1,
      negative_weight: 1,
      positive_weight_schedule: { kind: 'constant' },
      entropy_coef: 0,
      kl_coef: 0,
      difficulty_low: 0,
      difficulty_high: 1,
      dynamic_sampling: 0,
      reward: 'verifier',
      label_noise: 0,
      length_penalty: 0,
      overlong_buffer: null,
      advantage_quantile: 0.4,
      entropy_advantage: 0,
      entropy_advantage_bound: 2,
      dynamic_clip: { kind: 'off' },
      gppo_low: 0.5,
      gppo_high: 1,
      cov_fraction: 0.02,
      cov_low: 1,
      cov_high: 5,
      kl_cov_coef: 1,
      high_entropy_fraction: 1,
      random_clip_fraction: 0,
      steer_min_weight: 1,
      entropy_coef_schedule: { kind: 'constant' },
    });
    expect(Object.isFrozen(defaultRecipe)).toBe(true);
  });
});

describe('parseRecipe', () => {
  test.each([
    [{ clip_low: 7 }, 'clip_low must be between 0 and 1; got 7'],
    [{ steps: 2.5 }, 'steps must be a whole number between 1 and 100000; got 2.5'],
    [{ group_size: 1 }, 'group_size must be a whole number between 2 and 1024; got 1'],
    [{ learning_rate: Number.NaN }, 'learning_rate must be between 0 and 1; got NaN'],
    [{ clip_high: Infinity }, 'clip_high must be between 0 and 1000; got Infinity'],
    [{ seed: '7' }, 'seed must be a whole number between 0 and 4294967295; got "7"'],
    [{ temperature: null }, 'temperature must be between 0.05 and 10; got null'],
    [{ dual_clip: 0.5 }, 'dual_clip must be null or between 1 and 1000; got 0.5'],
    [{ task: 'mazes' }, 'task must be one of chain-sum, maze, countdown, maze-small; got "mazes"'],
    [{ policy: 'gpt' }, 'policy must be one of chain-sum, maze, countdown, maze-small; got "gpt"'],
    [
      { advantage: 'toString' },
      'advantage must be one of grpo, dr-grpo, rloo, batch-mean, quantile, psr, nsr, weighted; got "toString"',
    ],
    [{ version: 2 }, 'version must be 1; got 2'],
    [{ clip_hi: 0.3 }, 'unknown key "clip_hi" in the recipe'],
    [[], 'the recipe must be an object; got a list'],
    [null, 'the recipe must be an object; got null'],
    ['{}', 'the recipe must be an object; got "{}"'],
  ])('%j is refused: %s', (value, message) => {
    expect(refusals(value)).toContain(message);
  });

  test.each([
    [
      { aggregation: 'constant' },
      'aggregation_constant must be a number when aggregation is "constant"; got null',
    ],
    [{ minibatches: 3 }, 'minibatches must divide prompts_per_step × group_size = 128; got 3'],
    [
      { task: 'maze', policy: 'countdown' },
      'policy must fit the task "maze"; got the base policy of "countdown"',
    ],
  ])('%j does not fit together: %s', (value, message) => {
    expect(refusals(value)).toEqual([message]);
  });

  test('every problem is listed, not only the first', () => {
    expect(refusals({ clip_low: 7, steps: 0, task: 1 })).toHaveLength(3);
  });

  test('null turns off what can be off, and an unbounded clip is a large number', () => {
    expect(accepted({ max_grad_norm: null, dual_clip: null }).max_grad_norm).toBeNull();
    expect(accepted({ clip_low: 1, clip_high: 1000 }).clip_high).toBe(1000);
    expect(accepted({ positive_weight: -1, negative_weight: 0 }).positive_weight).toBe(-1);
  });

  test('the policy defaults to that of the task', () => {
    expect(accepted({ task: 'maze' }).policy).toBe('maze');
  });

  test('paths and other policy names are taken only where the caller allows them', () => {
    expect(refusals({ policy: 'out/mine.safetensors' })).toHaveLength(1);
    expect(accepted({ policy: 'out/mine.safetensors' }, { paths: true }).policy).toBe(
      'out/mine.safetensors',
    );
    expect(refusals({ policy: 'mine' }, { paths: true })[0]).toContain(
      'or the path of a .safetensors file',
    );
    expect(refusals({ policy: 'a\0.safetensors' }, { paths: true })).toHaveLength(1);
    expect(accepted({ policy: 'mine' }, { names: ['mine'] }).policy).toBe('mine');
  });

  test.each([
    [{ kind: 'constant' }],
    [{ kind: 'stage' }],
    [{ kind: 'epoch', epochs: 5 }],
    [{ kind: 'entropy-guided', target: 0.35, delta: 0.05, initial: 0 }],
  ])('schedule %j is taken as it is', (schedule) => {
    expect(accepted({ positive_weight_schedule: schedule }).positive_weight_schedule).toEqual(
      schedule,
    );
  });

  test.each([
    ['stage', 'positive_weight_schedule must be an object; got "stage"'],
    [
      {},
      'positive_weight_schedule.kind must be one of constant, stage, epoch, entropy-guided, entropy-guided-relative; got nothing',
    ],
    [
      { kind: 'epoch' },
      'positive_weight_schedule.epochs must be a whole number between 2 and 1000; got nothing',
    ],
    [
      { kind: 'epoch', epochs: 1 },
      'positive_weight_schedule.epochs must be a whole number between 2 and 1000; got 1',
    ],
    [
      { kind: 'stage', delta: 1 },
      'positive_weight_schedule: "delta" does not belong to kind "stage"',
    ],
    [{ kind: 'stage', x: 1 }, 'unknown key "x" in positive_weight_schedule'],
    [
      JSON.parse('{"kind":"stage","__proto__":1}') as unknown,
      'unknown key "__proto__" in positive_weight_schedule',
    ],
  ])('schedule %j is refused: %s', (schedule, message) => {
    expect(refusals({ positive_weight_schedule: schedule })).toContain(message);
  });

  test('the fields of a schedule form have defaults that make a valid schedule', () => {
    for (const [key, forms] of Object.entries(scheduleForms)) {
      for (const [kind, { fields }] of Object.entries(forms as Record<string, ScheduleForm>)) {
        const values = Object.entries(fields).map(
          ([field, { default: value }]) => [field, value] as const,
        );
        accepted({ [key]: { kind, ...Object.fromEntries(values) } });
      }
    }
  });
});

describe('hostile input', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    '%s is an unknown key',
    (key) => {
      const value: unknown = JSON.parse(`{"${key}":{"polluted":1}}`);
      expect(refusals(value)).toEqual([`unknown key "${key}" in the recipe`]);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    },
  );

  test('inherited settings do not exist', () => {
    expect(accepted(Object.create({ steps: 7, evil: 1 })).steps).toBe(40);
    expect(refusals(Object.create(null, { x: { value: 1, enumerable: true } }))).toHaveLength(1);
  });

  test('messages quote foreign text shortened and on one line', () => {
    const [message] = refusals({ task: `a\n\u001b[31m\u009b\u202e${'b'.repeat(10000)}` });
    expect(message.length).toBeLessThan(200);
    expect(message).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  const hostileKey = fc.constantFrom<string>(
    ...RECIPE_KEYS,
    '__proto__',
    'constructor',
    'valueOf',
    '',
    'steps ',
  );
  const hostileValue = fc.oneof(
    fc.anything(),
    fc.double(),
    fc.constantFrom<unknown>('chain-sum', 'maze', 'constant', 'constructor', null, -Infinity, -0, {
      kind: 'stage',
    }),
  );

  test('whatever comes in: no exception, no pollution, and what is accepted is valid and stable', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostileKey, hostileValue), { maxLength: 6 }), (entries) => {
        const before = Object.getOwnPropertyNames(Object.prototype).length;
        const result = parseRecipe(Object.fromEntries(entries), { paths: true });
        expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
        if (!result.ok) {
          expect(result.problems.length).toBeGreaterThan(0);
          expect(result.problems.length).toBeLessThanOrEqual(20);
          return;
        }
        expect(Object.keys(result.value).sort()).toEqual(RECIPE_KEYS.slice().sort());
        expect(parseRecipe(JSON.parse(JSON.stringify(result.value)), { paths: true }).ok).toBe(
          true,
        );
      }),
      { numRuns: 1500 },
    );
    fc.assert(
      fc.property(fc.anything(), (value) => void parseRecipe(value)),
      { numRuns: 1000 },
    );
  });

  test('numbers are accepted exactly within their bounds', () => {
    const numbers = schema.filter((knob) => knob.type === 'number');
    fc.assert(
      fc.property(
        fc.constantFrom(...numbers),
        fc.oneof(fc.double(), fc.integer()),
        (knob, value) => {
          const fits =
            value >= knob.min && value <= knob.max && (!knob.integer || Number.isInteger(value));
          expect(settingProblems(knob.key, value)).toHaveLength(fits ? 0 : 1);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test('a partial recipe keeps only what was given, and completing it fills in the rest', () => {
  const partial = parsePartialRecipe({ positive_weight: 0.25 });
  expect(partial).toEqual({ ok: true, value: { positive_weight: 0.25 } });
  expect(completeRecipe({ positive_weight: 0.25 })).toEqual({
    ok: true,
    value: { ...defaultRecipe, positive_weight: 0.25 },
  });
  expect(knobOf('positive_weight').label).toBe('Positive-advantage weight');
});
