import { describe, expect, test } from 'vitest';
import {
  LOG_RATIO_LIMIT,
  policyLoss,
  surrogate,
  tokenWeights,
  type Aggregation,
  type PolicyLossInput,
  type PolicyLossSettings,
} from '../../src/reference/policy_loss';
import { tokenStats } from '../../src/reference/token_stats';
import { largest } from '../../src/verify/arrays';
import { source, type Source } from '../../src/verify/source';
import { difference, gradientGap, GRADIENT_LIMIT, H, numericGradient } from './reference_support';

const BASE: PolicyLossSettings = {
  objective: 'ppo-clip',
  temperature: 1,
  clipLow: 0.2,
  clipHigh: 0.28,
  dualClip: null,
  positiveWeight: 1,
  negativeWeight: 1,
  entropyCoef: 0,
  klCoef: 0,
};
const WEIGHTS = [1, 0, 0.3, 2.5, -1];
const KINK_MARGIN = 1e-3;

interface Case {
  readonly V: number;
  readonly settings: PolicyLossSettings;
  readonly aggregation: Aggregation;
  readonly input: PolicyLossInput;
}

/** The ratios at which the surrogate of a token changes branch. */
const kinks = (s: PolicyLossSettings) => [1 - s.clipLow, 1 + s.clipHigh, s.dualClip ?? 0];

/** A random batch whose ratios spread over all branches but keep KINK_MARGIN away from where they meet. */
function randomCase(
  random: Source,
  fixed: Partial<PolicyLossSettings>,
  kind: Aggregation['kind'],
): Case {
  const [B, T, V] = [1 + random.below(3), 2 + random.below(4), 1 + random.below(7)];
  const promptLength = Array.from({ length: B }, () => 1 + random.below(T - 1));
  const length = promptLength.map((p) => p + 1 + random.below(T - p));
  const settings: PolicyLossSettings = {
    ...BASE,
    temperature: random.pick([1, 0.6, 1.7]),
    clipLow: random.pick([0.2, 0.1, 0.9]),
    clipHigh: random.pick([0.2, 0.28, 3]),
    positiveWeight: random.pick(WEIGHTS),
    negativeWeight: random.pick(WEIGHTS),
    entropyCoef: random.pick([0, 0.1, -0.05]),
    klCoef: random.pick([0, 0.2]),
    ...fixed,
  };
  const aggregation = { kind, constant: random.pick([4, 7.5]) };
  const N = B * T;
  const logits = random.array(N * V, 1.5);
  const token = Array.from({ length: N }, () => random.below(V));
  const { logprob } = tokenStats(logits, token, V, settings.temperature);
  const oldLogprob = logprob.map((lp) => {
    let old = lp + 0.6 * random.normal();
    const ratio = () => Math.exp(lp - old);
    while (kinks(settings).some((k) => Math.abs(ratio() - k) < KINK_MARGIN)) old += 0.007;
    return old;
  });
  const input = {
    logits,
    token,
    tokenWeight: tokenWeights(promptLength, length, T, aggregation),
    oldLogprob,
    refLogprob: logprob.map((lp) => lp + 0.5 * random.normal()),
    advantage: random.array(N).map((a) => (random.below(8) === 0 ? 0 : a)),
  };
  return { V, settings, aggregation, input };
}

// Objectives without a part that is held: their gradient is that of their value.
const OBJECTIVES = ['ppo-clip', 'reinforce', 'clip-cov', 'kl-cov'] as const;
const AGGREGATIONS = ['token-mean', 'sequence-mean', 'constant'] as const;
const DUAL_CLIPS = [null, 1.5, 3];
const GRID = OBJECTIVES.flatMap((objective) =>
  AGGREGATIONS.flatMap((kind) => DUAL_CLIPS.map((dualClip) => ({ objective, kind, dualClip }))),
);
const CASES_EACH = 40;

describe.each(GRID)('$objective, $kind, dual clip $dualClip', ({ objective, kind, dualClip }) => {
  test(`gradient by the logits in ${CASES_EACH} random cases`, () => {
    for (let i = 0; i < CASES_EACH; i++) {
      const seed = 1000 + i;
      const { input, settings, V } = randomCase(source(seed), { objective, dualClip }, kind);
      const f = () => policyLoss(input, V, settings).loss;
      const gap = gradientGap(f, input.logits, policyLoss(input, V, settings).dLogits);
      expect(gap, `seed ${seed}`).toBeLessThan(GRADIENT_LIMIT);
    }
  });

  test('entropy drive is the product of the two slopes, per token', () => {
    for (let seed = 2000; seed < 2010; seed++) {
      const { input, settings, V } = randomCase(
        source(seed),
        { objective, dualClip, temperature: 1 },
        kind,
      );
      const { entropyDrive } = policyLoss(input, V, settings);
      const dPolicy = numericGradient(
        () => policyLoss(input, V, settings).policyLoss,
        input.logits,
      );
      const total = () =>
        tokenStats(input.logits, input.token, V, 1).entropy.reduce((a, b) => a + b);
      const dEntropy = numericGradient(total, input.logits);
      const want = new Float64Array(entropyDrive.length);
      dPolicy.forEach((d, j) => (want[Math.floor(j / V)] -= d * dEntropy[j]));
      expect(difference(entropyDrive, want), `seed ${seed}`).toBeLessThan(1e-8);
    }
  });
});

test('entropy drive is taken at logits / temperature', () => {
  const { input, V } = randomCase(source(3000), { temperature: 1 }, 'token-mean');
  const settings = { ...BASE, temperature: 1 };
  const hot = { ...input, logits: input.logits.map((z) => z * 1.7) };
  const want = policyLoss(input, V, settings);
  const got = policyLoss(hot, V, { ...settings, temperature: 1.7 });
  expect(difference(got.entropyDrive, want.entropyDrive)).toBeLessThan(1e-14);
  expect(
    difference(
      got.dLogits.map((d) => d * 1.7),
      want.dLogits,
    ),
  ).toBeLessThan(1e-14);
});

/** The surrogate of a token at a log ratio, with the fixed bounds of the settings. */
const at = (logRatio: number, advantage: number, settings: PolicyLossSettings) =>
  surrogate(
    {
      logprob: logRatio,
      logRatio,
      advantage,
      low: settings.clipLow,
      high: settings.clipHigh,
      penalty: 0,
    },
    settings,
  );

describe('each side of a kink', () => {
  const slopeAt = (ratio: number, advantage: number, settings: PolicyLossSettings) => {
    const lp = Math.log(ratio);
    const value = (x: number) => at(x, advantage, settings).value;
    const numeric = (value(lp + H) - value(lp - H)) / (2 * H);
    const { slope } = at(lp, advantage, settings);
    expect(Math.abs(numeric - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(numeric)));
    return slope;
  };
  const { clipLow, clipHigh } = BASE;
  const dual = { ...BASE, dualClip: 3 };

  // r: where the surrogate changes branch; the slope -r A is 0 on the clipped side.
  test.each([
    ['A > 0 at 1 + clipHigh', 1 + clipHigh, 0.7, BASE, 'above'],
    ['A < 0 at 1 - clipLow', 1 - clipLow, -0.7, BASE, 'below'],
    ['A < 0 at the dual clip', 3, -0.7, dual, 'above'],
  ] as const)('%s', (_, r, advantage, settings, clippedSide) => {
    for (const gap of [KINK_MARGIN, 5e-5]) {
      const [below, above] = [r - gap, r + gap];
      const clipped = clippedSide === 'above' ? above : below;
      const open = clippedSide === 'above' ? below : above;
      expect(slopeAt(clipped, advantage, settings)).toBe(0);
      expect(slopeAt(open, advantage, settings)).toBeCloseTo(-open * advantage, 12);
    }
  });

  test.each([
    ['A > 0 at 1 - clipLow', 1 - clipLow, 0.7],
    ['A < 0 at 1 + clipHigh', 1 + clipHigh, -0.7],
  ])('%s nothing is clipped', (_, r, advantage) => {
    for (const ratio of [r - KINK_MARGIN, r + KINK_MARGIN]) {
      expect(slopeAt(ratio, advantage, BASE)).toBeCloseTo(-ratio * advantage, 12);
    }
  });

  test('the dual clip leaves A > 0 alone', () => {
    for (const ratio of [0.01, 0.5, 1, 1.2]) {
      expect(at(Math.log(ratio), 2, dual)).toEqual(at(Math.log(ratio), 2, BASE));
    }
  });

  test.each([1, -1])('log-ratio limit, side %i', (side) => {
    const wide = { ...BASE, clipLow: 1, clipHigh: 1e12 };
    const r = (logRatio: number) => at(logRatio, 1, wide);
    const edge = side * LOG_RATIO_LIMIT;
    expect(r(edge + side * 1e-3).slope).toBe(0);
    expect(r(edge + side * 1e-3).value).toBe(r(edge + side * 5).value);
    const inside = edge - side * 1e-3;
    expect(r(inside).slope / -Math.exp(inside)).toBeCloseTo(1, 12);
  });
});

describe('what follows from the formulas', () => {
  const seeds = Array.from({ length: 30 }, (_, i) => 4000 + i);

  test('every row of dLogits sums to 0 and rows outside the response are 0', () => {
    for (const seed of seeds) {
      const { input, settings, V } = randomCase(source(seed), {}, 'sequence-mean');
      const result = policyLoss(input, V, settings);
      input.tokenWeight.forEach((w, n) => {
        const row = result.dLogits.subarray(n * V, (n + 1) * V);
        expect(Math.abs(row.reduce((a, b) => a + b))).toBeLessThan(
          1e-14 * Math.max(1, largest(row)),
        );
        if (w === 0) {
          const { logprob, entropy, ratio, entropyDrive } = result;
          expect([largest(row), logprob[n], entropy[n], ratio[n], entropyDrive[n]]).toEqual([
            0, 0, 0, 0, 0,
          ]);
        }
      });
    }
  });

  test('a weight scales exactly the gradient of its sign', () => {
    for (const seed of seeds) {
      const { input, V } = randomCase(source(seed), BASE, 'token-mean');
      const one = policyLoss(input, V, BASE).dLogits;
      const half = policyLoss(input, V, {
        ...BASE,
        positiveWeight: 0.5,
        negativeWeight: 0,
      }).dLogits;
      const want = one.map((d, i) => (input.advantage[Math.floor(i / V)] > 0 ? d / 2 : 0));
      expect(difference(half, want)).toBeLessThan(1e-16);
    }
  });

  test('a weight of -1 is the sign flip of the advantage, but counts stay with the original sign', () => {
    for (const seed of seeds) {
      const { input, V } = randomCase(source(seed), BASE, 'token-mean');
      const flipped = policyLoss(input, V, { ...BASE, positiveWeight: -1, negativeWeight: -1 });
      const negated = policyLoss({ ...input, advantage: input.advantage.map((a) => -a) }, V, BASE);
      expect(difference(flipped.dLogits, negated.dLogits)).toBe(0);
      const plain = policyLoss(input, V, BASE);
      expect(flipped.clipHighFlag).toEqual(plain.clipHighFlag);
      expect(flipped.clipLowFlag).toEqual(plain.clipLowFlag);
    }
  });

  test('on the first update the ratio is 1 and the clipped surrogate has the gradient of reinforce', () => {
    for (const seed of seeds) {
      const { input, V } = randomCase(source(seed), BASE, 'token-mean');
      const { logprob } = tokenStats(input.logits, input.token, V, 1);
      const fresh = { ...input, oldLogprob: logprob };
      const clip = policyLoss(fresh, V, BASE);
      expect(clip.ratio.filter((_, n) => input.tokenWeight[n] > 0).every((r) => r === 1)).toBe(
        true,
      );
      expect(largest(clip.clipHighFlag) + largest(clip.clipLowFlag)).toBe(0);
      const plain = policyLoss(fresh, V, { ...BASE, objective: 'reinforce' });
      expect(difference(clip.dLogits, plain.dLogits)).toBeLessThan(1e-16);
    }
  });

  test('flags go by the original sign and the ratio', () => {
    const logits = new Float64Array(8);
    const old = Math.log(0.5) - Math.log(1.5);
    const low = Math.log(0.5) - Math.log(0.5);
    const { clipHighFlag, clipLowFlag, ratio } = policyLoss(
      {
        logits,
        token: [0, 0, 0, 0],
        tokenWeight: new Float64Array(4).fill(0.25),
        oldLogprob: Float64Array.of(old, old, low, low),
        refLogprob: new Float64Array(4),
        advantage: Float64Array.of(1, -1, 1, -1),
      },
      2,
      { ...BASE, positiveWeight: 0 },
    );
    expect(difference(ratio, [1.5, 1.5, 0.5, 0.5])).toBeLessThan(1e-15);
    expect([...clipHighFlag, ...clipLowFlag]).toEqual([1, 0, 0, 0, 0, 0, 0, 1]);
  });
});

test('token weights of the three aggregations', () => {
  const weights = (kind: Aggregation['kind'], constant: number | null) => [
    ...tokenWeights([1, 2], [4, 3], 4, { kind, constant }),
  ];
  expect(weights('token-mean', null)).toEqual([0, 1 / 4, 1 / 4, 1 / 4, 0, 0, 1 / 4, 0]);
  expect(weights('sequence-mean', null)).toEqual([0, 1 / 6, 1 / 6, 1 / 6, 0, 0, 1 / 2, 0]);
  expect(weights('constant', 5)).toEqual([0, 0.1, 0.1, 0.1, 0, 0, 0.1, 0]);
});

describe('objectives that hold a part of the surrogate', () => {
  const wide = { ...BASE, clipLow: 0.2, clipHigh: 0.28 };
  const RATIOS = [0.1, 0.5, 0.79, 0.9, 1, 1.2, 1.27, 1.3, 2, 9];

  test.each([1.5, -1.5])(
    'cispo: the bounded ratio is a constant factor of -A log p, A = %f',
    (A) => {
      const settings = { ...wide, objective: 'cispo' as const };
      for (const r of RATIOS) {
        const held = Math.min(Math.max(r, 0.8), 1.28);
        const { value, slope } = at(Math.log(r), A, settings);
        expect(slope).toBeCloseTo(-held * A, 14);
        expect(value).toBeCloseTo(-held * A * Math.log(r), 14);
      }
    },
  );

  test('ce-gppo keeps a share of the gradient at the bound, on the clipped sides only', () => {
    const settings = { ...wide, objective: 'ce-gppo' as const, gppoLow: 0.25, gppoHigh: 0.5 };
    for (const r of RATIOS) {
      const up = at(Math.log(r), 2, settings).slope;
      const down = at(Math.log(r), -2, settings).slope;
      expect(up).toBeCloseTo(r > 1.28 ? -0.5 * 1.28 * 2 : -r * 2, 14);
      expect(down).toBeCloseTo(r < 0.8 ? 0.25 * 0.8 * 2 : r * 2, 14);
    }
  });

  test('ce-gppo with shares of 0 is ppo-clip', () => {
    for (let seed = 5000; seed < 5020; seed++) {
      const { input, settings, V } = randomCase(source(seed), {}, 'token-mean');
      const clip = policyLoss(input, V, settings).dLogits;
      const none = { ...settings, objective: 'ce-gppo' as const, gppoLow: 0, gppoHigh: 0 };
      expect(difference(policyLoss(input, V, none).dLogits, clip)).toBe(0);
    }
  });

  test('gspo has the gradient of the clipped sequence ratio', () => {
    // Two responses of three tokens; the ratio of a response is the geometric mean of its tokens' ratios.
    const random = source(5100);
    const V = 4;
    const rows = [0, 0, 0, 1, 1, 1];
    const logits = random.array(rows.length * V, 1);
    const token = rows.map(() => random.below(V));
    const oldLogprob = tokenStats(logits, token, V, 1).logprob.map((l, n) => l - 0.05 * (n - 2));
    const advantage = Float64Array.from(rows, (row) => (row === 0 ? 1.2 : -0.8));
    const settings = { ...wide, objective: 'gspo' as const };
    const logRatioOf = (n: number) => {
      const { logprob } = tokenStats(logits, token, V, 1);
      const own = rows.flatMap((row, m) => (row === rows[n] ? [logprob[m] - oldLogprob[m]] : []));
      return own.reduce((a, b) => a + b) / own.length;
    };
    const input = () => ({
      logits,
      token,
      tokenWeight: new Float64Array(6).fill(1 / 6),
      oldLogprob,
      refLogprob: oldLogprob,
      advantage,
      selection: {
        keep: new Float64Array(6).fill(1),
        penalty: new Float64Array(6),
        logSequenceRatio: Float64Array.from(rows, (_, n) => logRatioOf(n)),
      },
    });
    const gap = gradientGap(
      () => policyLoss(input(), V, settings).loss,
      logits,
      policyLoss(input(), V, settings).dLogits,
    );
    expect(gap).toBeLessThan(GRADIENT_LIMIT);
  });
});

test.each([-0.4, -0.01, 0.01, 0.7])(
  'kl-cov adds a slope towards the old policy, log ratio %f',
  (logRatio) => {
    const settings = { ...BASE, objective: 'kl-cov' as const };
    const of = (x: number) =>
      surrogate(
        { logprob: x, logRatio: x, advantage: 0.7, low: 0.2, high: 0.2, penalty: 1.5 },
        settings,
      );
    const numeric = (of(logRatio + H).value - of(logRatio - H).value) / (2 * H);
    expect(numeric).toBeCloseTo(of(logRatio).slope, 6);
    expect(of(logRatio).slope).toBeCloseTo(
      -0.7 * Math.exp(logRatio) + 1.5 * Math.sign(logRatio),
      12,
    );
  },
);

test('a shaped advantage grows by the entropy, at most by its share, and keeps its sign', () => {
  const logits = Float64Array.of(0, 0, 0, 0, 0, 0);
  const input = {
    logits,
    token: [0, 0, 0],
    tokenWeight: new Float64Array(3).fill(1),
    oldLogprob: new Float64Array(3).fill(-Math.LN2),
    refLogprob: new Float64Array(3).fill(-Math.LN2),
    advantage: Float64Array.of(4, -4, 0.1),
  };
  const shaped = { ...BASE, entropyAdvantage: 0.5, entropyAdvantageBound: 2 };
  // H = ln 2: 4 + 0.5 ln 2, -4 + 0.5 ln 2, and 0.1 + 0.1 / 2 where the bound holds.
  const want = [4 + Math.LN2 / 2, -4 + Math.LN2 / 2, 0.15];
  const { dLogits } = policyLoss(input, 2, shaped);
  want.forEach((A, n) => expect(dLogits[2 * n]).toBeCloseTo(-A / 2, 14));
});

test('clip bounds follow the probability and never cross 1', () => {
  const input = (p: number, ratio: number, A: number) => ({
    logits: Float64Array.of(0, Math.log(1 / p - 1)),
    token: [0],
    tokenWeight: Float64Array.of(1),
    oldLogprob: Float64Array.of(Math.log(p / ratio)),
    refLogprob: Float64Array.of(Math.log(p)),
    advantage: Float64Array.of(A),
  });
  const dynamic = {
    ...{ ...BASE, clipHigh: 0.5, clipHighSlope: -0.25 },
    ...{ clipLow: 0.3, clipLowSlope: -0.4 },
  };
  const high = (p: number, ratio: number) =>
    policyLoss(input(p, ratio, 1), 2, dynamic).clipHighFlag[0];
  const low = (p: number, ratio: number) =>
    policyLoss(input(p, ratio, -1), 2, dynamic).clipLowFlag[0];
  // 1 + 0.5 - 0.25 x 0.4 = 1.4
  expect([high(0.4, 1.39), high(0.4, 1.41)]).toEqual([0, 1]);
  // 1 - (0.3 - 0.4 x 0.5) = 0.9, and at p = 0.9 the bound is 0, not -0.06
  expect([low(0.5, 0.91), low(0.5, 0.89)]).toEqual([0, 1]);
  expect([low(0.9, 1.001), low(0.9, 0.999)]).toEqual([0, 1]);
});
