import { readFileSync } from 'node:fs';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { logBytes, zippedFolder } from '../../src/store/elsewhere_files';
import { runOfFile } from '../../src/export/logs/logged_run';
import { keptRun } from '../setup/kept_run';
import { SCALE_RECIPE } from '../setup/scale_inputs';

const source = {
  name: 'A name',
  arm: 'GRPO',
  recipe: { ...SCALE_RECIPE, train_prompts: 8 },
  changed: [],
};
const policy = readFileSync(
  new URL('../../public/policies/maze-small.safetensors', import.meta.url),
);

test('the zip holds the folder under its name, and is the same every time', () => {
  const bytes = zippedFolder(source, policy, 'trl', 'grpo-trl');
  expect(Buffer.compare(bytes, zippedFolder(source, policy, 'trl', 'grpo-trl'))).toBe(0);
  const files = unzipSync(bytes);
  expect(Object.keys(files)).toContain('grpo-trl/policy/model.safetensors');
  expect(JSON.parse(strFromU8(files['grpo-trl/recipe.json']))).toEqual(source.recipe);
  expect(Object.keys(files).every((path) => path.startsWith('grpo-trl/'))).toBe(true);
});

test.each(['unipo', 'trl-log', 'verl-log'] as const)('a log as %s', (target) => {
  const run = runOfFile(keptRun(), { arm: null, seed: null });
  const text = run.ok ? strFromU8(logBytes(run.value, target)) : '';
  const [first] = target === 'trl-log' ? [text] : text.split('\n');
  expect(JSON.parse(first)).toBeTypeOf('object');
});
