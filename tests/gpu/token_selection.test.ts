import { describe, expect, test } from 'vitest';
import type { RunSettings } from '../../src/gpu/run_settings';
import { wholeRows, type PassShape } from '../../src/verify/rollout_pass';
import { source } from '../../src/verify/source';
import {
  compareTokenSelection,
  randomSelectionRun,
  selectionOf,
  type SelectionRun,
} from '../../src/verify/token_selection';
import { expectSameBits, expectTwin, testBench } from '../setup/kernel';

async function expectRuns(shape: PassShape, runs: readonly SelectionRun[]): Promise<void> {
  expectTwin(await compareTokenSelection(await testBench(), shape, runs));
}

const MODES: readonly Partial<RunSettings>[] = [
  {},
  { objective: 2 },
  { objective: 5, cov_tokens: 1, cov_low: -100, cov_high: 100 },
  { objective: 5, cov_tokens: 3, cov_low: 0.1, cov_high: 2 },
  { objective: 5, cov_tokens: 1000, cov_low: 0, cov_high: 5 },
  { objective: 5, cov_tokens: 2, cov_low: 100, cov_high: 200 },
  {
    objective: 5,
    cov_tokens: 5,
    cov_low: -9,
    cov_high: 9,
    clip_low_slope: -0.2,
    clip_high_slope: -0.15,
  },
  { objective: 6, cov_tokens: 1, kl_cov_coef: 1.5 },
  { objective: 6, cov_tokens: 4, kl_cov_coef: 0.5 },
  { objective: 6, cov_tokens: 1000, kl_cov_coef: 1 },
  { entropy_tokens: 1 },
  { entropy_tokens: 5 },
  { entropy_tokens: 1000 },
  { random_tokens: 1 },
  { random_tokens: 4 },
  { random_tokens: 1000 },
  { steer_min_weight: 0.8 },
  {
    steer_min_weight: 0.1,
    entropy_tokens: 6,
    random_tokens: 2,
    objective: 6,
    cov_tokens: 2,
    kl_cov_coef: 1,
  },
];

describe('token_selection', () => {
  test.each(MODES)('settings %o', async (settings) => {
    const shapes = [
      [1, 2],
      [3, 5],
      [7, 9],
      [33, 4],
    ];
    // In a single response all covariances are 0, and rounding would decide which is the largest.
    for (const [rows, length] of settings.objective === 6 ? shapes.slice(1) : shapes) {
      const random = source(rows * 100 + length);
      const shape = wholeRows(3, rows, length, 2);
      await expectRuns(shape, [
        randomSelectionRun(shape, random, settings),
        randomSelectionRun(shape, random, settings),
      ]);
    }
  });

  test('runs with different settings do not mix', async () => {
    const random = source(9);
    const shape = wholeRows(3, 9, 7, 4);
    await expectRuns(
      shape,
      [MODES[1], MODES[4], MODES[10], MODES[13]].map((settings) =>
        randomSelectionRun(shape, random, settings),
      ),
    );
  });

  test('exactly as many tokens as asked for', async () => {
    const random = source(10);
    const shape = wholeRows(3, 20, 9, 1);
    const run = randomSelectionRun(shape, random, { random_tokens: 7 });
    const kept = await selectionOf(await testBench(), shape, [run]);
    const dropped = [...run.recorded.keys()].filter((n) => kept[4 * n] === 0);
    expect(dropped).toHaveLength(7);
    expect(dropped.every((n) => (run.recorded.get(n)?.values[1] ?? 0) > 0)).toBe(true);
  });

  test('another key drops other tokens; the same key the same, bit for bit', async () => {
    const random = source(11);
    const shape = wholeRows(3, 20, 9, 1);
    const run = randomSelectionRun(shape, random, { random_tokens: 7, steer_min_weight: 0.5 });
    const first = await selectionOf(await testBench(), shape, [run]);
    expectSameBits(await selectionOf(await testBench(), shape, [run]), first, 'selection');
    const other = await selectionOf(await testBench(), shape, [
      { ...run, settings: { ...run.settings, key0: 78 } },
    ]);
    expect([...other]).not.toEqual([...first]);
  });

  test('equal scores are selected together', async () => {
    const random = source(12);
    const shape = wholeRows(3, 6, 9, 1);
    const run = randomSelectionRun(shape, random, { entropy_tokens: 2 });
    for (const token of run.recorded.values())
      token.values = token.values.map((x, i) => (i === 3 ? 0.5 : x));
    const kept = await selectionOf(await testBench(), shape, [run]);
    expect([...run.recorded.keys()].every((n) => kept[4 * n] === 1)).toBe(true);
  });
});
