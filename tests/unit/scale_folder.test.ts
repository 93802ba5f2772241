import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { examplesOf } from '../../src/export/scale/data_set';
import { scaleFolder, SCALE_TARGETS } from '../../src/export/scale/scale_folder';
import { readPolicy } from '../../src/model/policy';
import type { Recipe } from '../../src/recipe/recipe';
import { tasks } from '../../src/tasks/registry';
import { SCALE_RECIPE } from '../setup/scale_inputs';

const policyOf = (name: string) =>
  readPolicy(readFileSync(new URL(`../../public/policies/${name}.safetensors`, import.meta.url)));

const GUIDED: Recipe = {
  ...SCALE_RECIPE,
  seed: 3,
  steps: 24,
  train_prompts: 12,
  learning_rate: 5e-4,
  max_grad_norm: null,
  kl_coef: 0.01,
  dynamic_sampling: 1,
  positive_weight_schedule: { kind: 'entropy-guided', target: 0.5, delta: 0.1, initial: 0.4 },
};
/** A name as a stranger may give one. */
const NAME = 'A "run" | with `marks`';
const source = { name: NAME, arm: 'λ guided', recipe: GUIDED, changed: ['clip_low'] as const };

/** Files that are the same in every folder, word for word as they lie in src/export/scale/python. */
const SOURCES = new URL('../../src/export/scale/python/', import.meta.url);

describe.each(SCALE_TARGETS)('the folder for %s', (target) => {
  const folder = scaleFolder(source, policyOf('maze-small'), target);
  const text = (path: string) => new TextDecoder().decode(folder.get(path));

  // Renewed with `npx vitest run --project unit scale_folder -u`.
  test.each([...folder.keys()].filter((path) => !/^(policy\/|rlvr_|data\/test)/.test(path)))(
    '%s is as it was',
    async (path) => {
      await expect(text(path)).toMatchFileSnapshot(`../fixtures/scale/${target}/${path}`);
    },
  );

  test('has its Python as it is in the repository', () => {
    const own = [...folder.keys()].filter((path) => path.startsWith('rlvr_'));
    expect(own.length).toBeGreaterThanOrEqual(5);
    for (const path of own) expect(text(path)).toBe(readFileSync(new URL(path, SOURCES), 'utf8'));
  });

  test('has 256 held-out prompts and the policy', () => {
    expect(text('data/test.jsonl').trimEnd().split('\n')).toHaveLength(256);
    expect(folder.get('policy/model.safetensors')?.length).toBeGreaterThan(10_000);
    expect(folder.has('policy/config.json')).toBe(true);
  });

  test('keeps a foreign name out of what is run', () => {
    const run = [...folder.keys()].filter((path) => /\.(py|sh)$/.test(path));
    for (const path of run) expect(text(path)).not.toContain('marks');
    expect(text('README.md')).toContain('A "run" \\| with \\`marks\\`');
  });
});

test('all Python keeps to 88 columns', () => {
  for (const name of readdirSync(SOURCES)) {
    const lines = readFileSync(new URL(name, SOURCES), 'utf8').split('\n');
    expect(
      lines.filter((line) => line.length > 88 || /\s$|\t/.test(line)),
      name,
    ).toEqual([]);
  }
});

test.each(tasks)('$name has prompts with right answers', (task) => {
  const { train, test: heldOut } = examplesOf({
    ...SCALE_RECIPE,
    task: task.name,
    train_prompts: 20,
  });
  expect(train).toHaveLength(20);
  const ids = (text: string) => {
    const longest = [...task.vocabulary.entries()].sort(([, a], [, b]) => b.length - a.length);
    const tokens: number[] = [];
    for (let rest = text; rest !== '';) {
      const [id, token] = longest.find(([, own]) => rest.startsWith(own)) ?? [-1, rest];
      tokens.push(id);
      rest = rest.slice(token.length);
    }
    return tokens;
  };
  for (const { prompt, answer } of [...train, ...heldOut]) {
    expect(task.isPrompt(ids(prompt))).toBe(true);
    expect(task.verify(ids(prompt), [...ids(answer), task.eos]).reward).toBe(1);
  }
});

test('too few prompts for a batch are repeated', () => {
  const few = { ...source, recipe: { ...GUIDED, train_prompts: 3 } };
  const folder = scaleFolder(few, policyOf('maze-small'), 'trl');
  const rows = new TextDecoder().decode(folder.get('data/train.jsonl')).trimEnd().split('\n');
  expect(rows).toHaveLength(9);
  expect(new Set(rows).size).toBe(3);
});
