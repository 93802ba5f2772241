import { describe, expect, test } from 'vitest';
import type { RunSettings } from '../../src/gpu/run_settings';
import { lossOf, randomLossRuns, recordedRun, type LossRun } from '../../src/verify/policy_loss';
import { randomPass, wholeRows, type PassShape, type RunPass } from '../../src/verify/rollout_pass';
import { source } from '../../src/verify/source';
import { compareTokenStats } from '../../src/verify/token_stats';
import {
  compareVocabLoss,
  compareVocabScan,
  compareVocabSoftmax,
  lossInParts,
  partStats,
} from '../../src/verify/vocab_parts';
import { expectAllClose, expectTwin, testBench } from '../setup/kernel';

/** One part, parts that end within a vec4f, at the end, one past it; and a part of a single vec4f. */
const CASES = [1, 3, 5, 19, 31, 33, 64, 65, 127, 257].flatMap((V, i) =>
  [0, 1, 10, 30].map((scale, j) => ({
    V,
    scale,
    size: [4, 16, 64, 256][(i + j) % 4],
    length: [2, 3, 8][(i + 2 * j) % 3],
    runs: 1 + ((i + j) % 3),
    spread: [0.02, 0.5][(i + j) % 2],
  })),
);

describe('a vocabulary in parts', () => {
  test.each(CASES)(
    'V = $V in parts of $size, scale $scale, log ratios of $spread, length $length, $runs runs',
    async ({ size, ...subject }) => {
      const { shape, runs } = randomLossRuns({ ...subject, rows: 1 + (subject.V % 5) });
      const bench = await testBench();
      expectTwin(await compareVocabScan(bench, shape, runs, size));
      expectTwin(await compareVocabLoss(bench, shape, runs, size));
      expectTwin(await compareVocabSoftmax(bench, shape, runs, size));
    },
  );

  test.each(CASES.filter((_, i) => i % 3 === 0))(
    'log-probability and entropy: V = $V in parts of $size, scale $scale',
    async ({ V, scale, size, length, runs }) => {
      const random = source(V * 100 + scale);
      const shape = wholeRows(V, 1 + (V % 4), length, runs);
      const passes = Array.from({ length: runs }, () => randomPass(shape, random, scale));
      const by = { kernel: 'vocab_stats', run: partStats(size) };
      const temperatures = [0.5, 1, 1.7].slice(0, runs);
      expectTwin(
        await compareTokenStats(await testBench(), shape, passes, temperatures, scale, by),
      );
    },
  );

  const SETTINGS: readonly Partial<RunSettings>[] = [
    {},
    { objective: 1, aggregation: 1 },
    { kl_coef: 1, entropy_coef: 0.1, temperature: 0.7 },
    { positive_weight: 0, negative_weight: 0, entropy_coef: -1 },
    ...[2, 3, 4, 5, 6].map((objective) => ({ objective, selects: 1, dual_clip: 2 })),
    { entropy_advantage: 0.4, entropy_advantage_bound: 2, clip_high_slope: -0.25 },
  ];

  test.each(SETTINGS)('settings %o', async (settings) => {
    const random = source(37);
    const shape = wholeRows(19, 6, 9, 1);
    const run = recordedRun(shape, randomPass(shape, random, 3), random, settings, 0.7);
    expectTwin(await compareVocabLoss(await testBench(), shape, [run], 8));
  });

  /** A single response token over eight words: parts of four. */
  const single = (logits: readonly number[], chosen: number) => {
    const shape: PassShape = { ...wholeRows(8, 1, 2, 1), rolloutRows: 1 };
    const pass: RunPass = {
      spans: [[0, 1, 2]],
      tokens: [0, chosen],
      logits: Float64Array.from(logits),
    };
    return { shape, pass };
  };

  test.each([
    ['rises by far in the second part', [0, 1, 2, -1, 500, 499, 0, 0], 4],
    ['falls by far in the second part', [500, 499, 0, 0, 0, 1, 2, -1], 5],
    ['is very low everywhere', [-900, -901, -902, -900, -905, -899, -900, -903], 7],
    ['is the same everywhere', [7, 7, 7, 7, 7, 7, 7, 7], 0],
  ] as const)('the largest logit %s', async (_, logits, chosen) => {
    const { shape, pass } = single(logits, chosen);
    const by = { kernel: 'vocab_stats', run: partStats(4) };
    expectTwin(await compareTokenStats(await testBench(), shape, [pass], [1], 1000, by));
    const run: LossRun = {
      ...pass,
      oldLogprob: new Float64Array(2),
      refLogprob: new Float64Array(2),
      advantage: Float64Array.of(0, 1),
      selection: [new Float64Array(2), new Float64Array(2), new Float64Array(2)],
      settings: { objective: 1 },
    };
    const bench = await testBench();
    const inParts = await lossInParts(4).run(bench, shape, [run]);
    const whole = await lossOf(bench, shape, [run]);
    expectAllClose(inParts.d_logits, whole.d_logits, { atol: 2e-5 }, 'gradient by parts');
    expect(inParts.stats.every(Number.isFinite)).toBe(true);
    expectAllClose(inParts.stats, whole.stats, { atol: 1e-4, rtol: 1e-6 }, 'statistics by parts');
  });
});
