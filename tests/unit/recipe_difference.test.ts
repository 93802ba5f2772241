import { describe, expect, test } from 'vitest';
import { changed, differingKeys, sameSetting } from '../../src/recipe/difference';
import type { Recipe } from '../../src/recipe/recipe';
import { defaultRecipe } from '../../src/recipe/schema';
import { isEdited } from '../../src/store/experiment';

const epochs = (n: number) => ({ kind: 'epoch', epochs: n }) as const;

describe('two values of a setting', () => {
  test.each([
    [0.5, 0.5],
    ['maze', 'maze'],
    [null, null],
    [epochs(7), epochs(7)],
  ])('%j is %j', (a, b) => {
    expect(sameSetting(a, b)).toBe(true);
  });

  test.each([
    [0.5, 0.25],
    [0, null],
    [undefined, null],
    [1, '1'],
    [epochs(7), epochs(8)],
    [epochs(7), { kind: 'constant' }],
  ])('%j is not %j', (a, b) => {
    expect(sameSetting(a, b)).toBe(false);
  });
});

describe('two recipes', () => {
  const base: Recipe = { ...defaultRecipe, positive_weight_schedule: epochs(7) };
  const recipe: Recipe = {
    ...base,
    positive_weight_schedule: epochs(8),
    seed: 5,
    task: 'countdown',
  };

  test('differ in these settings, in the order of a form', () => {
    const inOrder = Object.keys(defaultRecipe).filter((key) =>
      ['task', 'seed', 'positive_weight_schedule'].includes(key),
    );
    expect(differingKeys(recipe, base)).toEqual(inOrder);
    expect(changed(recipe, base)).toEqual({
      task: 'countdown',
      seed: 5,
      positive_weight_schedule: epochs(8),
    });
  });

  test('with equal schedules are the same, and such an arm is not edited', () => {
    const again: Recipe = { ...base, positive_weight_schedule: epochs(7) };
    expect(changed(again, base)).toEqual({});
    const arm = { id: 'a', name: 'a', colour: 0, visible: true, pending: {} };
    expect(isEdited({ ...arm, recipe: again, original: base })).toBe(false);
    expect(isEdited({ ...arm, recipe, original: base })).toBe(true);
  });
});
