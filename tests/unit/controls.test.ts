import { expect, test } from 'vitest';
import { FRESH, nextControls, type ControlState } from '../../src/engine/controls';
import type { Recipe } from '../../src/recipe/recipe';
import { defaultRecipe } from '../../src/recipe/schema';

/** The controls of each step of a run whose entropies are given. */
function controlsOf(changes: Partial<Recipe>, entropies: readonly number[]) {
  const recipe = { ...defaultRecipe, steps: entropies.length, ...changes };
  let state: ControlState = FRESH;
  return entropies.map((entropy, i) => {
    const next = nextControls(recipe, state, { step: i + 1, entropy });
    state = next.state;
    return { ...next.controls, state };
  });
}

test('without schedules the recipe is what acts', () => {
  const [first, second] = controlsOf(
    { positive_weight: 0.5, entropy_coef: 0.02, clip_low: 0.1, clip_high: 0.3 },
    [1, 0.2],
  );
  const clip = { low: 0.1, lowSlope: 0, high: 0.3, highSlope: 0 };
  expect(first).toMatchObject({ positiveWeight: 0.5, entropyCoef: 0.02, clip });
  expect(second).toMatchObject({ positiveWeight: 0.5, entropyCoef: 0.02, clip });
});

test('the entropy at the start is remembered, and a relative target goes by it', () => {
  const schedule = {
    kind: 'entropy-guided-relative',
    fraction: 0.5,
    delta: 0.1,
    initial: 0.5,
  } as const;
  const steps = controlsOf({ positive_weight_schedule: schedule }, [1.2, 0.7, 0.5, 0.5, 0.9]);
  expect(steps.every(({ state }) => state.baseEntropy === 1.2)).toBe(true);
  // The target is 0.6: up after 1.2 and 0.7, down after each 0.5.
  const weights = steps.map(({ positiveWeight }) => Number(positiveWeight.toFixed(6)));
  expect(weights).toEqual([0.5, 0.6, 0.7, 0.6, 0.5]);
});

test('the three schedules keep their memories apart', () => {
  const bounds = { high_base: 0.5, high_slope: -0.25, low_base: 0.3, low_slope: -0.13 };
  const steps = controlsOf(
    {
      positive_weight_schedule: { kind: 'entropy-guided', target: 0.5, delta: 0.1, initial: 0.3 },
      entropy_coef_schedule: { kind: 'adaptive', target: 0.5, delta: 0.01, max: 0.1 },
      dynamic_clip: { kind: 'oscillatory-decay', floor: 0.2, ...bounds },
    },
    [1, 0.4, 0.1, 0.1],
  );
  expect(steps.map(({ positiveWeight }) => Number(positiveWeight.toFixed(6)))).toEqual([
    0.3, 0.4, 0.3, 0.2,
  ]);
  expect(steps.map(({ entropyCoef }) => Number(entropyCoef.toFixed(6)))).toEqual([
    0, 0, 0.01, 0.02,
  ]);
  // Entropy counts as low from 0.2 of the start on: then rare tokens get room to rise.
  expect(steps.map(({ clip }) => clip.high)).toEqual([0.2, 0.2, 0.5, 0.5]);
  expect(steps.map(({ clip }) => clip.low)).toEqual([0.3, 0.3, 0.2, 0.2]);
});
