import { describe, expect, test } from 'vitest';
import { runTree, type RunNode } from '../../src/ui/library/tree';
import { ago, bytesInWords, sizeInWords } from '../../src/ui/library/words';

const entry = (id: string, parent: string | null = null, name = id) => ({
  ...{ id, name, experiment: 'Who drives', arms: 1, seeds: 1, step: 1, steps: 2, created: '' },
  ...{ changed: '', bytes: 1, hasCheckpoint: true, aside: false, saves: 1 },
  parent: parent === null ? null : { run: parent, name: parent, arm: 'GRPO', step: 1 },
});
const shape = (nodes: readonly RunNode[]): unknown =>
  nodes.map(({ entry: { id }, forks }) => (forks.length > 0 ? [id, shape(forks)] : id));

describe('the tree of runs', () => {
  test('has forks under their parents, at any depth, in the order of the list', () => {
    const entries = [entry('c', 'b'), entry('x'), entry('b', 'a'), entry('d', 'a'), entry('a')];
    expect(shape(runTree(entries))).toEqual(['x', ['a', [['b', ['c']], 'd']]]);
  });

  test('has forks of runs that are gone, or not found, at the top', () => {
    const entries = [entry('b', 'gone'), entry('c', 'a'), entry('a')];
    expect(shape(runTree(entries))).toEqual(['b', ['a', ['c']]]);
    expect(shape(runTree(entries, 'c'))).toEqual(['c']);
  });

  test('loses no run to parents in a circle', () => {
    const entries = [entry('a', 'b'), entry('b', 'a'), entry('c', 'c')];
    expect(shape(runTree(entries))).toEqual([['b', ['a']], 'c']);
  });

  test('is searched by all words, in name, experiment and forked arm', () => {
    const entries = [entry('a', null, 'First try'), entry('b', 'gone', 'Second try')];
    expect(shape(runTree(entries, 'TRY drives'))).toEqual(['a', 'b']);
    expect(shape(runTree(entries, 'grpo'))).toEqual(['b']);
    expect(shape(runTree(entries, 'first second'))).toEqual([]);
  });
});

test.each([
  [0, 'just now'],
  [70, '1 minute ago'],
  [3600 * 3, '3 hours ago'],
  [86_400, 'yesterday'],
  [86_400 * 30, 'Oct 21, 2026'],
  [-50, 'just now'],
])('%d seconds ago is %s', (seconds, words) => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  expect(ago(new Date(now - seconds * 1000).toISOString(), now)).toBe(words);
});

test('sizes read well', () => {
  expect([10, 400_000, 2.5e6, 5e7, 3e9].map(bytesInWords)).toEqual([
    '1 kB',
    '391 kB',
    '2.4 MB',
    '48 MB',
    '2.8 GB',
  ]);
  expect(sizeInWords({ arms: 1, seeds: 3 })).toBe('1 arm × 3 seeds');
});
