import { beforeEach, describe, expect, test, vi } from 'vitest';
import { parseExperiment } from '../../src/recipe/experiment';
import {
  addArm,
  changeRecipe,
  changeSeeds,
  recolourArm,
  removeArm,
  renameArm,
} from '../../src/store/edit';
import { startsOver, takeUp } from '../../src/store/engine';
import { findArm, namedRuns, useExperiment } from '../../src/store/experiment';
import { isAltered, remember, stepBack, useHistory } from '../../src/store/history';
import { useView } from '../../src/store/view';
import { redo, undo } from '../../src/store/undo';

/** The view's store looks for it once, when it is made. */
vi.hoisted(() => {
  const localStorage = { getItem: () => null, setItem: () => undefined };
  vi.stubGlobal('window', { localStorage });
});

const names = () => useExperiment.getState().arms.map(({ name }) => name);
const armNamed = (name: string) => {
  const arm = useExperiment.getState().arms.find((candidate) => candidate.name === name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  return arm;
};

beforeEach(() => {
  const experiment = parseExperiment({
    base: { steps: 20 },
    arms: [
      { name: 'GRPO', set: {} },
      { name: 'λ 0', set: { positive_weight: 0 } },
    ],
    seeds: [3, 4],
  });
  if (!experiment.ok) throw new Error('a bad experiment');
  takeUp(experiment.value, null);
});

describe('arms', () => {
  test('are added as a copy with a name, a colour and an id of their own', () => {
    addArm(armNamed('λ 0'));
    const arm = armNamed('λ 2');
    expect(arm.recipe.positive_weight).toBe(0);
    expect(arm.id).toBe('arm-3');
    expect(arm.colour).toBe(2);
    expect(useView.getState().chosenArm).toBe('arm-3');
    expect(namedRuns().map(({ id }) => id)).toContain('arm-3#3');
  });

  test('take a free colour and never an id that was used', () => {
    addArm();
    removeArm('arm-1');
    const id = addArm();
    expect(id).toBe('arm-4');
    expect(armNamed('arm 3').colour).toBe(0);
  });

  test('are at most eight, and the last cannot be removed', () => {
    for (let i = 0; i < 10; i++) addArm();
    expect(names()).toHaveLength(8);
    expect(new Set(names()).size).toBe(8);
    for (const { id } of useExperiment.getState().arms) removeArm(id);
    expect(names()).toHaveLength(1);
    expect(useView.getState().chosenArm).toBe(useExperiment.getState().arms[0]?.id);
  });

  test('are renamed unless the name is taken or none', () => {
    expect(renameArm('arm-1', 'λ 0')).toMatch(/Another arm is called "λ 0"/);
    expect(renameArm('arm-1', ' ')).toMatch(/name/);
    expect(renameArm('arm-1', ' plain ')).toBeNull();
    expect(names()).toEqual(['plain', 'λ 0']);
  });
});

describe('a recipe', () => {
  test('is changed whole or not at all, in the words of the schema', () => {
    const problems = changeRecipe('arm-1', { minibatches: 7, clip_low: 0.1 });
    expect(problems[0]?.message).toMatch(/minibatches/);
    expect(findArm('arm-1')?.recipe).toMatchObject({ minibatches: 4, clip_low: 0.2 });
    expect(changeRecipe('arm-1', { clip_low: 0.1 })).toEqual([]);
    expect(findArm('arm-1')?.recipe.clip_low).toBe(0.1);
    expect(findArm('arm-2')?.recipe.clip_low).toBe(0.2);
  });

  test('shares its number of steps with the other arms', () => {
    changeRecipe('arm-1', { steps: 50 });
    expect(findArm('arm-2')?.recipe.steps).toBe(50);
  });

  test('starts over only where a change cannot act live', () => {
    expect(startsOver({ clip_low: 0.1, learning_rate: 1e-4 })).toBe(false);
    expect(startsOver({ clip_low: 0.1, minibatches: 2 })).toBe(true);
  });
});

describe('seeds', () => {
  test('are read from a list, and refused by name', () => {
    expect(changeSeeds('1, 2 5')).toBeNull();
    expect(useExperiment.getState().seeds).toEqual([1, 2, 5]);
    expect(changeSeeds('1, 1')).toMatch(/seeds must differ/);
    expect(changeSeeds('one')).toMatch(/seeds\[0\]/);
    expect(changeSeeds('')).toMatch(/1 to/);
    const many = Array.from({ length: 17 }, (_, i) => i).join(' ');
    expect(changeSeeds(many)).toBe('With 2 arms there can be 16 seeds.');
    expect(useExperiment.getState().seeds).toEqual([1, 2, 5]);
  });
});

describe('undo', () => {
  test('takes changes back one after another, and redo brings them again', () => {
    renameArm('arm-1', 'first');
    recolourArm('arm-1', 5);
    addArm();
    changeSeeds('9');
    for (let i = 0; i < 3; i++) undo();
    expect(names()).toEqual(['first', 'λ 0']);
    expect(findArm('arm-1')?.colour).toBe(0);
    expect(useExperiment.getState().seeds).toEqual([3]);
    redo();
    expect(findArm('arm-1')?.colour).toBe(5);
    undo();
    undo();
    expect(names()[0]).toBe('GRPO');
    undo();
    expect(names()[0]).toBe('GRPO');
  });

  test('forgets what could be redone once something else changes', () => {
    renameArm('arm-1', 'first');
    undo();
    renameArm('arm-1', 'other');
    redo();
    expect(names()[0]).toBe('other');
  });

  test('chooses an arm that is there', () => {
    addArm();
    undo();
    expect(useView.getState().chosenArm).toBe('arm-1');
  });

  test('counts the moves of one slider as one change', () => {
    const before = useHistory.getState().past.length;
    remember('arm-1 positive_weight', 1000);
    remember('arm-1 positive_weight', 1500);
    remember('arm-1 positive_weight', 2400);
    expect(useHistory.getState().past).toHaveLength(before + 1);
    remember('arm-1 positive_weight', 9000);
    expect(useHistory.getState().past).toHaveLength(before + 2);
    expect(stepBack()).not.toBeNull();
  });

  test('tells an altered experiment from one that looks different only', () => {
    const altered = () => isAltered(useExperiment.getState(), useHistory.getState());
    recolourArm('arm-1', 3);
    renameArm('arm-1', 'mine');
    changeSeeds('3');
    expect(altered()).toBe(false);
    for (const change of [
      () => void addArm(),
      () => removeArm('arm-2'),
      () => void changeRecipe('arm-1', { ...armNamed('mine').recipe, clip_low: 0.3 }),
    ]) {
      change();
      expect(altered()).toBe(true);
      undo();
      expect(altered()).toBe(false);
    }
  });

  test('begins anew with another experiment', () => {
    renameArm('arm-1', 'first');
    const experiment = parseExperiment({});
    if (experiment.ok) takeUp(experiment.value, null);
    expect(useHistory.getState().past).toHaveLength(0);
  });
});
