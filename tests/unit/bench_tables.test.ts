import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPlaces, withTables, type MeasuredPlace } from '../../tools/performance.mjs';

const counts = {
  ...{ dispatches: 40, passes: 1, submits: 2, buffers: 0 },
  ...{ bindGroups: 0, writes: 1, readbacks: 1 },
};
const contestant = (name: string, median_ms: number, difference: number | null) => ({
  ...{ name, median_ms, difference, counts, first_ms: [], samples_ms: [] },
});
const ratio = (median: number) => ({ median, lowest: 0.9 * median, highest: 1.1 * median });

const place: MeasuredPlace = {
  name: 'chromium',
  machine: { place: 'Chromium 1', adapter: { description: 'A GPU' }, processor: 'A CPU', cores: 2 },
  results: {
    'train-11k': {
      ...{ name: 'train-11k', made: '2026-11-21T10:00:00.000Z', rounds: 7 },
      contestants: [contestant('ours', 8, null), contestant('jax-js', 36, 2e-7)],
      ratios: { 'jax-js': ratio(4.5) },
    },
    'rlvr-step': {
      ...{ name: 'rlvr-step', made: '2026-11-21T10:00:00.000Z', rounds: 7 },
      contestants: [contestant('ours', 50, null), contestant('jax-js', 40, null)],
      ratios: { 'jax-js': ratio(0.8) },
    },
    'grow-arms': {
      ...{ name: 'grow-arms', about: 'arms', made: '2026-11-22T10:00:00.000Z' },
      points: [1, 2].map((x) => ({
        ...{ x, generation_ms: 10 * x, generation_floor_ms: 5 * x },
        ...{ update_ms: 30, update_floor_ms: 10 },
      })),
      generation: { all: { exponent: 1 }, upper: { exponent: 1 } },
      update: { all: { exponent: 0 }, upper: null },
    },
  },
};

const asked = (name: string) => `before\n<!-- table: ${name} -->\nold\n<!-- end -->\nafter\n`;
const rowsOf = (name: string, places = [place]) =>
  withTables(asked(name), places)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .slice(1)
    .map((line) => line.slice(2, -2).split(' | '));

describe('tables of docs/performance.md', () => {
  test('replace what stands between the marks, and nothing else', () => {
    const made = withTables(asked('ratios'), [place]);
    expect(made).toMatch(/^before\n<!-- table: ratios -->\n\n\| case/);
    expect(made).toMatch(/<!-- end -->\nafter\n$/);
    expect(made).not.toContain('old');
    expect(withTables(made, [place])).toBe(made);
    expect(() => withTables(asked('other'), [place])).toThrow('a table other');
  });

  test('say so where nothing was measured', () => {
    expect(withTables(asked('ratios'), [])).toContain('Not measured yet.');
  });

  test('give medians with the range of rounds, and how far outcomes lay apart', () => {
    expect(rowsOf('ratios')[0]).toEqual([
      ...['train-11k', 'chromium', '7', '4.50 (4.05 to 4.95)', '', '', '2e-7'],
    ]);
  });

  test('judge goals, also those that are a share of another time', () => {
    expect(rowsOf('goals')).toEqual([
      ['train-11k', 'jax-js / ours', 'chromium', '4.50', '3', '6', 'enough'],
      ['rlvr-step', 'ours / jax-js', 'chromium', '1.25', '3', '1.3', 'goal reached'],
    ]);
  });

  test('give growth relative to the smallest size, never times', () => {
    expect(rowsOf('growth')[0]).toEqual([
      ...['arms', 'chromium', '1, 2', '1.00, 2.00', '1.00 (1.00)', '2.00'],
      ...['1.00, 1.00', '0.00 (-)', '3.00'],
    ]);
  });

  test('set PyTorch beside our step of the same name', () => {
    const torch: MeasuredPlace = {
      name: 'gpu-torch',
      machine: { place: 'PyTorch 2', device: 'A GPU' },
      results: { 'rlvr-step': { made: '', contestants: [contestant('eager', 100, null)] } },
    };
    const rows = rowsOf('torch', [{ ...place, name: 'gpu-node' }, torch]);
    expect(rows).toEqual([['rlvr-step', 'gpu-torch', '2.00']]);
  });

  test('stand in the document as bench/results has them', () => {
    const text = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
    expect(withTables(text, readPlaces()), 'run `npm run performance`').toBe(text);
  });
});
