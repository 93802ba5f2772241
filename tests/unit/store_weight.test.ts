import { describe, expect, test } from 'vitest';
import type { Recipe } from '../../src/recipe/recipe';
import { defaultRecipe } from '../../src/recipe/schema';
import type { StepMetrics } from '../../src/rl/metrics';
import { Columns } from '../../src/store/columns';
import { currentWeight, pinnedAt } from '../../src/store/weight';
import { metricsAt } from '../setup/metrics';

function columnsOf(rows: readonly Partial<StepMetrics>[]): Columns {
  const columns = new Columns();
  rows.forEach((row, i) => columns.append(metricsAt(i + 1, row)));
  return columns;
}

describe('λ is pinned', () => {
  const at = (positive_weight: number, flags: readonly (0 | 1)[]) =>
    pinnedAt(columnsOf(flags.map((saturated) => ({ positive_weight, saturated }))));

  test.each([
    [0, [0, 1, 1, 1], 0],
    [1, [1, 1, 1], 1],
    [0, [1, 1], null],
    [0, [1, 1, 1, 0], null],
    [0, [1, 0, 1, 1], null],
    [0.5, [], null],
  ] as const)('λ %s with flags %j: %s', (weight, flags, end) => {
    expect(at(weight, flags)).toBe(end);
  });
});

describe('λ now', () => {
  const arm = (changes: Partial<Recipe>) => ({ recipe: { ...defaultRecipe, ...changes } });
  const guided = { kind: 'entropy-guided', target: 0.35, delta: 0.1, initial: 0.5 } as const;
  const trained = columnsOf([{ positive_weight: 0.5 }, { positive_weight: 0.4 }]);

  test('is the setting where it is constant, whatever the last step used', () => {
    expect(currentWeight(arm({ positive_weight: 0.7 }), trained)).toBe(0.7);
  });

  test('is what the schedule made of the newest step', () => {
    expect(currentWeight(arm({ positive_weight_schedule: guided }), trained)).toBe(0.4);
  });

  test('is where the schedule begins before there is a step', () => {
    const none = columnsOf([]);
    expect(currentWeight(arm({ positive_weight_schedule: guided }), none)).toBe(0.5);
    expect(currentWeight(arm({ positive_weight_schedule: { kind: 'stage' } }), none)).toBe(0);
  });
});
