import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armRecipes, parseExperiment, type Experiment } from '../../src/recipe/experiment';
import { defaultExperiment } from '../../src/recipe/presets';
import { defaultRecipe } from '../../src/recipe/schema';

const LIKE_THE_DESIGN = {
  version: 1,
  name: 'Weights',
  base: { task: 'maze-small', steps: 12, minibatches: 2, epochs: 4, learning_rate: 5e-4 },
  arms: [
    { name: 'GRPO', set: {} },
    { name: 'λ 0.25', set: { positive_weight: 0.25 } },
  ],
  seeds: [0, 1, 2],
  evaluate: { every: 4, prompts: 64, samples: 16 },
};

function accepted(value: unknown): Experiment {
  const result = parseExperiment(value);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.value;
}

function refusals(value: unknown): string[] {
  const result = parseExperiment(value);
  return result.ok ? [] : result.problems.map(({ message }) => message);
}

test('an experiment is read, and its arms are the base with their changes', () => {
  const experiment = accepted(LIKE_THE_DESIGN);
  expect(experiment.seeds).toEqual([0, 1, 2]);
  expect(experiment.base.policy).toBe('maze-small');
  const base = { ...defaultRecipe, ...LIKE_THE_DESIGN.base, policy: 'maze-small' };
  expect(armRecipes(experiment)).toEqual([
    { id: 'arm-1', name: 'GRPO', recipe: base },
    { id: 'arm-2', name: 'λ 0.25', recipe: { ...base, positive_weight: 0.25 } },
  ]);
});

test('missing keys take defaults', () => {
  expect(accepted({ base: { seed: 7 } })).toEqual({
    version: 1,
    name: 'Experiment',
    about: null,
    base: { ...defaultRecipe, seed: 7 },
    arms: [{ name: 'base', set: {} }],
    seeds: [7],
    evaluate: { every: 10, prompts: 64, samples: 16, training: false },
    measure: null,
  });
});

test("an arm on another task gets that task's own policy", () => {
  const experiment = accepted({ arms: [{ name: 'other', set: { task: 'countdown' } }] });
  expect(armRecipes(experiment)[0].recipe.policy).toBe('countdown');
});

describe('refusals name what is wrong', () => {
  test.each([
    [
      { arms: [{ name: 'a', set: { clip_low: 7 } }] },
      'arm "a": clip_low must be between 0 and 1; got 7',
    ],
    [
      { arms: [{ name: 'a', set: { minibatches: 3 } }] },
      'arm "a": minibatches must divide prompts_per_step × group_size = 128; got 3',
    ],
    [{ arms: [{ name: 'a', set: { lambda: 0 } }] }, 'arm "a": unknown key "lambda" in the recipe'],
    [
      { arms: [{ name: 'a', set: { seed: 1 } }] },
      'arm "a": seed cannot be set by an arm: list it under seeds',
    ],
    [{ arms: [{ name: 'a' }, { name: 'a' }] }, 'two arms are named "a"'],
    [{ arms: [{ name: 'a', sett: {} }] }, 'unknown key "sett" in arms[0]'],
    [
      { arms: [{ set: {} }] },
      'arms[0].name must be a text of 1 to 80 printable characters; got nothing',
    ],
    [
      { arms: [{ name: 'a\u202eb' }] },
      'arms[0].name must be a text of 1 to 80 printable characters; got "a\\u202eb"',
    ],
    [{ arms: [] }, 'arms must be a list of 1 to 32 arms; got 0'],
    [
      { arms: Array.from({ length: 33 }, (_, i) => ({ name: `${i}` })) },
      'arms must be a list of 1 to 32 arms; got 33',
    ],
    [{ arms: 'GRPO' }, 'arms must be a list of 1 to 32 arms; got "GRPO"'],
    [{ seeds: [] }, 'seeds must be a list of 1 to 64 seeds; got 0'],
    [{ seeds: [1, -1] }, 'seeds[1] must be a whole number between 0 and 4294967295; got -1'],
    [{ seeds: [3, 3] }, 'seeds must differ; got 3 twice'],
    [
      { evaluate: { samples: 0 } },
      'evaluate.samples must be a whole number between 1 and 1024; got 0',
    ],
    [{ evaluate: { each: 1 } }, 'unknown key "each" in evaluate'],
    [{ base: { steps: -1 } }, 'steps must be a whole number between 1 and 100000; got -1'],
    [{ name: '' }, 'name must be a text of 1 to 80 printable characters; got ""'],
    [
      { version: '1' },
      'version must be 1; got "1": it was made by a newer version of this program, or by another one',
    ],
    [JSON.parse('{"__proto__":{"polluted":1}}'), 'unknown key "__proto__" in the experiment'],
    [7, 'the experiment must be an object; got 7'],
  ])('%j', (value, message) => {
    expect(refusals(value)).toEqual([message]);
  });

  test('an experiment put together by a program is checked as well', () => {
    const experiment: Experiment = {
      ...accepted({}),
      arms: [{ name: 'wild', set: { clip_low: 7 } }],
    };
    expect(() => armRecipes(experiment)).toThrow(/arm \\"wild\\": clip_low/);
  });

  test('whatever comes in, there is no exception and no pollution', () => {
    const key = fc.constantFrom(
      'version',
      'name',
      'base',
      'arms',
      'seeds',
      'evaluate',
      '__proto__',
      'x',
    );
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.anything()), { maxLength: 4 }), (entries) => {
        parseExperiment(Object.fromEntries(entries));
        expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
      }),
      { numRuns: 1000 },
    );
  });
});

describe.each([false, true])('the default experiment (software %s)', (software) => {
  const experiment = defaultExperiment(software);

  test('is a valid experiment file', () => {
    expect(accepted(JSON.parse(JSON.stringify(experiment)))).toEqual(experiment);
  });

  test('asks who drives entropy with four arms that differ in one weight each', () => {
    const arms = armRecipes(experiment);
    expect(arms.map(({ name }) => name)).toEqual(['GRPO', 'λ 0.5', 'λ 0', 'positives only']);
    expect(arms.map(({ recipe }) => [recipe.positive_weight, recipe.negative_weight])).toEqual([
      [1, 1],
      [0.5, 1],
      [0, 1],
      [1, 0],
    ]);
    // Off-policy: without several updates a step the weight does next to nothing (EXPERIMENTS section 0).
    expect(experiment.base.minibatches * experiment.base.epochs).toBeGreaterThanOrEqual(8);
  });
});

test('one step of the small default costs at most 2 GFLOP in all arms together', () => {
  const { base, arms } = defaultExperiment(true);
  const [parameters, promptTokens, meanResponse] = [21216, 6, 6.4]; // the maze-small base policy
  const tokens = base.prompts_per_step * base.group_size * (promptTokens + meanResponse);
  const flop = arms.length * tokens * 2 * parameters * (1 + 3 * base.epochs);
  expect(flop).toBeLessThan(2e9);
});
