import { describe, expect, test } from 'vitest';
import type { RunSettings } from '../../src/gpu/run_settings';
import { padded } from '../../src/verify/arrays';
import {
  logprobAt,
  lossOf,
  randomLossRuns,
  recordedRun,
  STATS,
  twinLoss,
  twinSettings,
  type LossRun,
} from '../../src/verify/policy_loss';
import { comparePolicyLoss } from '../../src/verify/policy_loss_bounds';
import {
  eachResponseToken,
  randomPass,
  wholeRows,
  type PassShape,
} from '../../src/verify/rollout_pass';
import { source } from '../../src/verify/source';
import { expectAllClose, expectSameBits, expectTwin, testBench } from '../setup/kernel';

async function expectRuns(shape: PassShape, runs: readonly LossRun[]): Promise<void> {
  expectTwin(await comparePolicyLoss(await testBench(), shape, runs));
}

const VOCABULARIES = [1, 2, 3, 5, 19, 31, 32, 33, 63, 64, 65, 127, 257];
const SCALES = [0, 1, 10, 30];
describe('policy_loss', () => {
  const cases = VOCABULARIES.flatMap((V, i) =>
    SCALES.flatMap((scale, j) =>
      [0.02, 0.5].map((spread, k) => ({
        V,
        scale,
        spread,
        length: [2, 3, 8][(i + j + k) % 3],
        runs: 1 + ((i + j + k) % 3),
      })),
    ),
  );

  test.each(cases)(
    'V = $V, scale $scale, log ratios of $spread, length $length, $runs runs',
    async ({ V, scale, spread, length, runs }) => {
      const rows = 1 + (V % 5);
      const subject = randomLossRuns({ V, rows, length, runs, scale, spread });
      await expectRuns(subject.shape, subject.runs);
    },
  );

  const ONE_BY_ONE: readonly Partial<RunSettings>[] = [
    {},
    { objective: 1 },
    { aggregation: 1 },
    { aggregation: 2, aggregation_constant: 24 },
    { dual_clip: 2 },
    { dual_clip: 1.1, negative_weight: 3 },
    ...[0, 0.25, 2, -1].flatMap((weight) => [
      { positive_weight: weight },
      { negative_weight: weight },
    ]),
    { positive_weight: 0, negative_weight: 0, entropy_coef: -1 },
    { entropy_coef: 0.1 },
    { kl_coef: 1 },
    { kl_coef: 1, entropy_coef: 0.1, temperature: 0.7, objective: 1, aggregation: 1 },
    { temperature: 0.5 },
    { temperature: 2 },
    { clip_low: 0.5, clip_high: 0.1 },
    { clip_low: 0.1, clip_high: 0.5 },
    { clip_low: 1, clip_high: 1e9 },
    ...[0, 2, 3, 4, 5, 6].map((objective) => ({ objective, selects: 1, dual_clip: 2 })),
    { objective: 3, clip_low: 1, clip_high: 4 },
    { objective: 4, gppo_low: 0.5, gppo_high: 1 },
    { objective: 4, gppo_low: 1, gppo_high: 0.25, dual_clip: 3, negative_weight: -1 },
    { entropy_advantage: 0.4, entropy_advantage_bound: 2 },
    { entropy_advantage: 0.4, entropy_advantage_bound: 2, positive_weight: 0.25, selects: 1 },
    { clip_low: 0.3, clip_low_slope: -0.13, clip_high: 0.5, clip_high_slope: -0.25 },
    { clip_low: 0.1, clip_low_slope: -5, clip_high: 0.1, clip_high_slope: -5 },
  ];

  test.each(ONE_BY_ONE)('settings %o', async (settings) => {
    const random = source(31);
    const shape = wholeRows(19, 6, 9, 1);
    // Wide ratios: many tokens on every side of every clip.
    const run = recordedRun(shape, randomPass(shape, random, 3), random, settings, 0.7);
    await expectRuns(shape, [run]);
  });

  /** One response token of two, over three words, whose ratio and advantage are given. */
  const single = (ratio: number, advantage: number, settings: Partial<RunSettings> = {}) => {
    const shape: PassShape = { ...wholeRows(3, 1, 2, 1), rolloutRows: 1 };
    const pass = {
      spans: [[0, 1, 2] as const],
      tokens: [0, 1],
      logits: Float64Array.of(0.5, 1.5, -1),
    };
    const temperature = settings.temperature ?? 1;
    const logprob = logprobAt(shape, pass, 0, 1, 0, temperature);
    const run: LossRun = {
      ...pass,
      oldLogprob: Float64Array.of(0, Math.fround(logprob - Math.log(ratio))),
      refLogprob: Float64Array.of(0, Math.fround(logprob)),
      advantage: Float64Array.of(0, advantage),
      selection: [Float64Array.of(0, 1), new Float64Array(2), new Float64Array(2)],
      settings,
    };
    return { shape, run };
  };

  // Ratio, advantage, further settings; whether the gradient flows, and the two flags.
  test.each([
    [1.2 - 1e-3, 1, {}, true, 0, 0],
    [1.2 + 1e-3, 1, {}, false, 0, 1],
    [1.2 + 1e-3, -1, {}, true, 0, 0],
    [0.8 + 1e-3, -1, {}, true, 0, 0],
    [0.8 - 1e-3, -1, {}, false, 1, 0],
    [0.8 - 1e-3, 1, {}, true, 0, 0],
    [1.5 - 1e-3, 1, { clip_high: 0.5 }, true, 0, 0],
    [1.5 + 1e-3, 1, { clip_high: 0.5 }, false, 0, 1],
    [0.5 - 1e-3, -1, { clip_low: 0.5 }, false, 1, 0],
    [0.5 + 1e-3, -1, { clip_low: 0.5 }, true, 0, 0],
    // Dual clip bounds the loss of tokens that were bad and became likely.
    [3 - 1e-3, -1, { dual_clip: 3 }, true, 0, 0],
    [3 + 1e-3, -1, { dual_clip: 3 }, false, 0, 0],
    [3 + 1e-3, -1, {}, true, 0, 0],
    [0.5, 1, { dual_clip: 3 }, true, 0, 0],
    // The sign after weighting decides which bound holds, the sign before weighting which flag.
    [1.2 + 1e-3, -1, { negative_weight: -1 }, false, 0, 0],
    [1.2 + 1e-3, 1, { positive_weight: -1 }, true, 0, 1],
    [0.8 - 1e-3, 1, { positive_weight: -1 }, false, 0, 0],
    // Beyond |log ratio| = 20 the ratio is held and gives no gradient.
    [Math.exp(19.9), -1, {}, true, 0, 0],
    [Math.exp(20.1), -1, {}, false, 0, 0],
    [Math.exp(-19.9), 1, {}, true, 0, 0],
    [Math.exp(-20.1), 1, {}, false, 0, 0],
    [Math.exp(60), -1, {}, false, 0, 0],
    [Math.exp(-60), -1, {}, false, 1, 0],
    [1.1, 0, {}, false, 0, 0],
    [1.1, 1, { positive_weight: 0 }, false, 0, 0],
    [9, 1, { objective: 1 }, true, 0, 1],
    // CISPO holds the ratio and keeps the gradient; CE-GPPO keeps a share of it.
    [9, 1, { objective: 3 }, true, 0, 1],
    [0.1, -1, { objective: 3 }, true, 1, 0],
    [0.1, -1, { objective: 4, gppo_low: 0 }, false, 1, 0],
    [0.1, -1, { objective: 4, gppo_low: 0.5 }, true, 1, 0],
    [9, 1, { objective: 4, gppo_high: 1 }, true, 0, 1],
    [9, 1, { objective: 6 }, true, 0, 1],
    // The bounds of a likely token: p is 0.69, so the upper end is 1.5 - 0.25 p = 1.33.
    [1.32, 1, { clip_high: 0.5, clip_high_slope: -0.25 }, true, 0, 0],
    [1.34, 1, { clip_high: 0.5, clip_high_slope: -0.25 }, false, 0, 1],
  ] as const)(
    'ratio %f, advantage %f, %o',
    async (ratio, advantage, settings, flows, low, high) => {
      const { shape, run } = single(ratio, advantage, settings);
      await expectRuns(shape, [run]);
      const { d_logits, stats } = await lossOf(await testBench(), shape, [run]);
      expect(d_logits.some((d) => d !== 0)).toBe(flows);
      expect([...stats.subarray(4, 6)]).toEqual([low, high]);
    },
  );

  test('on the sampling policy itself the ratio is 1, nothing is clipped and k3 is 0', async () => {
    const random = source(41);
    const shape = wholeRows(33, 5, 8, 1);
    const run = recordedRun(shape, randomPass(shape, random, 3), random, {}, 0);
    const { stats } = await lossOf(await testBench(), shape, [run]);
    eachResponseToken(shape, run, (_, __, n) => {
      expect(Math.abs(stats[n * STATS + 12] - 1)).toBeLessThan(1e-5);
      expect([...stats.subarray(n * STATS + 4, n * STATS + 6)]).toEqual([0, 0]);
      expect(Math.abs(stats[n * STATS + 3])).toBeLessThan(1e-6);
    });
  });

  const random = source(51);
  const shape = wholeRows(19, 5, 8, 1);
  const base = recordedRun(
    shape,
    randomPass(shape, random, 3),
    random,
    { kl_coef: 0.1, entropy_coef: 0.01 },
    0.4,
  );
  const changed = (advantage: (A: number) => number, settings: Partial<RunSettings>): LossRun => ({
    ...base,
    advantage: base.advantage.map(advantage),
    settings: { ...base.settings, ...settings },
  });

  test('weights are factors of the advantages: weight 1 is no weighting, bit for bit', async () => {
    // Powers of two multiply exactly, so A and (2 A) / 2 are the same number on the way with and without weights.
    const plain = await lossOf(await testBench(), shape, [
      changed((A) => A, { positive_weight: 1, negative_weight: 1 }),
    ]);
    const halves = [
      changed((A) => (A > 0 ? 2 * A : A), { positive_weight: 0.5 }),
      changed((A) => (A < 0 ? A / 4 : A), { negative_weight: 4 }),
    ];
    for (const run of halves) {
      const got = await lossOf(await testBench(), shape, [run]);
      expectSameBits(got.d_logits, plain.d_logits, 'd_logits');
      expectSameBits(got.stats, plain.stats, 'stats');
    }
  });

  test('a weight scales exactly the gradients of its tokens', async () => {
    const bare = { kl_coef: 0, entropy_coef: 0 };
    const plain = await lossOf(await testBench(), shape, [changed((A) => A, bare)]);
    const half = await lossOf(await testBench(), shape, [
      changed((A) => A, { ...bare, positive_weight: 0.5 }),
    ]);
    const stride = padded(19);
    const want = plain.d_logits.slice();
    eachResponseToken(shape, base, (b, t, n) => {
      if (base.advantage[b * shape.length + t] <= 0) return;
      for (let v = 0; v < 19; v++) want[n * stride + v] *= 0.5;
    });
    expectAllClose(half.d_logits, want, {}, 'policy_loss weight');
  });

  test('open clips are the unclipped loss', async () => {
    const open = await lossOf(await testBench(), shape, [
      changed((A) => A, { clip_low: 1, clip_high: 1e30 }),
    ]);
    const settings = twinSettings(base.settings);
    const { input } = twinLoss(shape, base);
    eachResponseToken(shape, base, (b, t, n) => {
      const m = b * shape.length + t - 1;
      const ratio = open.stats[n * STATS + 12];
      const want = -ratio * input.advantage[m] * input.tokenWeight[m];
      expectAllClose([open.stats[n * STATS]], [want], { rtol: 1e-6 }, 'policy_loss open');
      expect(settings.clipHigh).toBeLessThan(1);
    });
  });

  test('a token that is certain has no entropy, no drive and no gradient', async () => {
    const shape: PassShape = { ...wholeRows(3, 1, 2, 1), rolloutRows: 1 };
    const zero = new Float64Array(2);
    const run: LossRun = {
      spans: [[0, 1, 2]],
      tokens: [0, 1],
      logits: Float64Array.of(0, 200, 0),
      oldLogprob: zero,
      refLogprob: zero,
      advantage: Float64Array.of(0, 1),
      selection: [zero, zero, zero],
      settings: { entropy_coef: 1, kl_coef: 1 },
    };
    const { d_logits, stats } = await lossOf(await testBench(), shape, [run]);
    // e^-87 at most, where float64 has e^-200.
    expectAllClose(d_logits, [0, 0, 0, 0], { atol: 1e-35 }, 'policy_loss certain');
    expectAllClose(stats.subarray(16, 20), [0, 0, 1, 0], { atol: 1e-35 }, 'policy_loss certain');
  });

  test('what lies outside the responses changes no bit', async () => {
    const before = await lossOf(await testBench(), shape, [base]);
    // Other logits where no token is predicted, other tokens in the prompts.
    const used = new Set<number>();
    eachResponseToken(shape, base, (_, __, n) => used.add(n));
    const logits = base.logits.map((z, i) => (used.has(Math.floor(i / 19)) ? z : 77));
    const tokens = base.tokens.map((token, i) =>
      i % shape.length < base.spans[Math.floor(i / shape.length)][1] ? (token + 1) % 19 : token,
    );
    const after = await lossOf(await testBench(), shape, [{ ...base, logits, tokens }]);
    expectSameBits(after.d_logits, before.d_logits, 'd_logits');
    expectSameBits(after.stats, before.stats, 'stats');
  });
});
