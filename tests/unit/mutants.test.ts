import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../setup/command_line';

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly tests: readonly string[];
}

const mutants = JSON.parse(readFileSync(join(root, 'tests/mutants.json'), 'utf8')) as Mutant[];

test('every mutant still has its place in the code, once, and its tests', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(40);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  for (const { name, file, find, replace, tests } of mutants) {
    const places = readFileSync(join(root, file), 'utf8').split(find).length - 1;
    expect([name, places]).toEqual([name, 1]);
    expect(replace).not.toBe(find);
    for (const path of tests)
      expect([name, path, existsSync(join(root, path))]).toEqual([name, path, true]);
  }
});
