import { describe, expect, test, vi } from 'vitest';
import { defaultRecipe } from '../../src/recipe/schema';
import { badResponses } from '../../src/ui/controls/WeightNotes';
import { pointedAt } from '../../src/ui/lessons/act';
import { trainingMinutes } from '../../src/ui/lessons/minutes';

vi.hoisted(() => {
  const localStorage = { getItem: () => null, setItem: () => undefined };
  vi.stubGlobal('window', { localStorage });
});

const arm = (name: string, negative_weight: number) => ({ name, recipe: { negative_weight } });

describe('how much bad responses count', () => {
  test('the same in every arm', () => {
    expect(badResponses([arm('GRPO', 1), arm('λ 0', 1)])).toBe(
      'λ multiplies good responses only. Bad ones count × 1 in every arm.',
    );
    expect(badResponses([arm('half', 0.5)])).toMatch(/count × 0\.5 in every arm\.$/);
  });

  test('names the arms that differ', () => {
    expect(badResponses([arm('GRPO', 1), arm('positives only', 0), arm('odd', -1)])).toBe(
      'λ multiplies good responses only. Bad ones count × 0 in positives only, × −1 in odd, × 1 in the others.',
    );
  });
});

test('a step points at the place of its last action that points, a term at the formula', () => {
  expect(pointedAt([{ act: 'open' }, { act: 'play' }])).toBeNull();
  expect(
    pointedAt([
      { act: 'look', at: 'arms' },
      { act: 'term', term: 'ratio' },
    ]),
  ).toBe('formula');
  expect(
    pointedAt([
      { act: 'term', term: 'ratio' },
      { act: 'look', at: 'arms' },
    ]),
  ).toBe('arms');
});

describe('how long an experiment takes without a graphics processor', () => {
  const recipe = (changes: object) => ({ ...defaultRecipe, ...changes });

  /** Minutes measured on two CPU cores for all seeds together: arms × seeds, recipe, minutes. */
  test.each([
    ['who-drives-maze', 12, { task: 'maze', steps: 24, epochs: 4 }, 12],
    ['lower-clip-removed', 12, { task: 'maze', steps: 16, epochs: 4 }, 8],
    ['clip-thresholds', 12, { task: 'maze', steps: 40, epochs: 1 }, 10],
    ['par-pays-late', 6, { task: 'maze', steps: 120, epochs: 1 }, 14],
    ['par-schedules', 12, { task: 'chain-sum', steps: 30, epochs: 4 }, 7],
    ['noisy-rewards', 15, { task: 'chain-sum', steps: 24, epochs: 2 }, 7],
    ['collapse-that-hurts', 12, { task: 'countdown', steps: 36, epochs: 2 }, 12],
  ] as const)('%s', (_, runs, changes, minutes) => {
    const estimate = trainingMinutes(Array.from({ length: runs }, () => recipe(changes)));
    expect(estimate / minutes).toBeGreaterThan(0.66);
    expect(estimate / minutes).toBeLessThan(1.5);
  });

  test('is never no time', () => {
    expect(trainingMinutes([recipe({ steps: 1 })])).toBe(1);
  });
});
