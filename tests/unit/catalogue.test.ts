import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { idOf, parseCatalogue } from '../../src/recipe/catalogue';
import { armRecipes, parseExperiment } from '../../src/recipe/experiment';
import { quantityAt } from '../../src/rl/quantity';

const folder = new URL('../../public/experiments/', import.meta.url);
const readJson = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const files = readdirSync(folder).filter((name) => name !== 'index.json');

const catalogue = (() => {
  const parsed = parseCatalogue(readJson('index.json'));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.value;
})();

test('the catalogue lists every file once', () => {
  expect(catalogue.map(({ id }) => `${id}.json`).sort()).toEqual(files.sort());
});

describe.each(catalogue)('$id', ({ id, name, question }) => {
  const parsed = parseExperiment(readJson(`${id}.json`));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  const experiment = parsed.value;
  const { about } = experiment;

  test('its file, its name and the catalogue agree', () => {
    expect(idOf(experiment.name)).toBe(id);
    expect([experiment.name, about?.question]).toEqual([name, question]);
  });

  test('says what it is for, and where that comes from', () => {
    expect(about?.prediction).toBeTruthy();
    expect(about?.look_at).toBeTruthy();
    expect(about?.sources.length).toBeGreaterThan(0);
  });

  test('claims compare real arms by quantities that are measured', () => {
    for (const { measure, higher, lower } of about?.claims ?? []) {
      expect(quantityAt(measure), measure).not.toBeNull();
      for (const arm of [higher, lower]) {
        expect(experiment.arms.map((each) => each.name)).toContain(arm);
      }
      if (measure.startsWith('evaluation_training.')) {
        expect(experiment.evaluate.training).toBe(true);
      }
    }
  });

  test('is a base and arms that differ from each other, at two seeds or more', () => {
    const recipes = armRecipes(experiment).map(({ recipe }) => JSON.stringify(recipe));
    expect(new Set(recipes).size).toBe(recipes.length);
    expect(experiment.seeds.length).toBeGreaterThanOrEqual(2);
  });
});

describe('a foreign catalogue', () => {
  const entry = { id: 'a-b', name: 'A b', question: 'Why?' };
  test.each([
    ['no list', {}, /^the catalogue must be a list/],
    ['a path', [{ ...entry, id: '../../etc/passwd' }], /^catalogue\[0\]\.id must be lower-case/],
    ['an unknown key', [{ ...entry, url: 'x' }], /^unknown key "url" in catalogue\[0\]/],
    ['no question', [{ id: 'a', name: 'A' }], /^catalogue\[0\]\.question must be a text/],
    ['one id twice', [entry, entry], /^two experiments have the id "a-b"/],
  ])('%s is refused by name', (_, value, message) => {
    const parsed = parseCatalogue(value);
    expect(parsed.ok ? '' : parsed.problems[0]?.message).toMatch(message);
  });
});
