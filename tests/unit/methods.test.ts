import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LONGEST_NAME } from '../../src/recipe/experiment_parts';
import { METHODS, type Method } from '../../src/recipe/methods';
import {
  ADVANTAGES,
  AGGREGATIONS,
  OBJECTIVES,
  REWARD_SOURCES,
  type RecipeKey,
} from '../../src/recipe/recipe';
import { completeRecipe, parsePartialRecipe } from '../../src/recipe/schema';
import { scheduleForms, type ScheduleKey } from '../../src/recipe/schedule_forms';

const math = readFileSync(new URL('../../docs/math.md', import.meta.url), 'utf8');
const equations = Array.from(math.matchAll(/\\tag\{(\w+)\}/g), ([, label]) => label);

const set = (key: RecipeKey) => METHODS.map((method) => method.set[key]);
const kindsSet = (key: ScheduleKey) => METHODS.map((method) => method.set[key]?.kind);
const words = ({ explanation }: Method) => explanation.split(/\s+/).length;

test('ids and titles are unique', () => {
  for (const names of [METHODS.map(({ id }) => id), METHODS.map(({ title }) => title)])
    expect(new Set(names).size).toBe(names.length);
});

test.each([
  ['advantage', ADVANTAGES],
  ['objective', OBJECTIVES],
  ['aggregation', AGGREGATIONS],
  ['reward', REWARD_SOURCES],
] as const)('every %s is explained', (key, choices) => {
  expect(set(key)).toEqual(expect.arrayContaining([...choices]));
});

test.each(Object.keys(scheduleForms) as ScheduleKey[])('every kind of %s is explained', (key) => {
  expect(kindsSet(key)).toEqual(expect.arrayContaining(Object.keys(scheduleForms[key])));
});

test('no equation is numbered twice', () => {
  expect(new Set(equations).size).toBe(equations.length);
});

describe.each(METHODS)('$id', (method) => {
  test('can be set', () => {
    expect(Object.keys(method.set).length).toBeGreaterThan(0);
    const partial = parsePartialRecipe(method.set);
    expect(partial).toEqual({ ok: true, value: method.set });
    expect(completeRecipe(method.set)).toMatchObject({ ok: true, value: method.set });
  });

  test('is explained in a paragraph of 40 to 110 words', () => {
    expect(method.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(method.title.length).toBeLessThanOrEqual(LONGEST_NAME);
    expect(words(method)).toBeGreaterThanOrEqual(40);
    expect(words(method)).toBeLessThanOrEqual(110);
    expect(method.explanation).toMatch(/^\S.*\.$/);
  });

  test('names its source and an equation that exists', () => {
    if (method.source?.arxiv) expect(method.source.arxiv).toMatch(/^\d{4}\.\d{5}$/);
    expect(equations).toContain(method.formula);
  });
});
