import { describe, expect, test } from 'vitest';
import { policyLoss } from '../../src/gpu/kernels/policy_loss';
import type { RunSettings } from '../../src/gpu/run_settings';
import { AGGREGATIONS, OBJECTIVES } from '../../src/recipe/recipe';
import * as reference from '../../src/reference/policy_loss';
import { lossInput } from '../../src/reference/policy_step';
import { logSoftmaxRow } from '../../src/reference/token_stats';
import {
  expectAllClose,
  expectSameBits,
  expectZeroPadding,
  largest,
  padded,
  ROUNDING,
  runKernel,
} from '../setup/kernel';
import { source, type Source } from '../unit/reference_support';
import {
  cellOf,
  eachResponseToken,
  GARBAGE,
  passBuffers,
  planeOf,
  randomPass,
  settingsBuffer,
  wholeRows,
  type PassShape,
  type RunPass,
} from './rollouts';

/** One run: its rows, the record of their response tokens by (row, position), and its settings. */
interface Run extends RunPass {
  readonly oldLogprob: Float64Array;
  readonly refLogprob: Float64Array;
  readonly advantage: Float64Array;
  /** By (row, position) like the record: (keep, penalty, log ratio of the response). */
  readonly selection: readonly [Float64Array, Float64Array, Float64Array];
  readonly settings: Partial<RunSettings>;
}

/** Numbers of a token in `stats`. */
const STATS = 28;

const CLIP = 0.2;

const DEFAULT_SETTINGS = {
  temperature: 1,
  clip_low: CLIP,
  clip_high: CLIP,
  dual_clip: 0,
  positive_weight: 1,
  negative_weight: 1,
  entropy_coef: 0,
  kl_coef: 0,
  objective: 0,
  aggregation: 0,
  aggregation_constant: 1,
  clip_low_slope: 0,
  clip_high_slope: 0,
  gppo_low: 0,
  gppo_high: 0,
  entropy_advantage: 0,
  entropy_advantage_bound: 1,
  selects: 0,
};

function twinSettings(settings: Partial<RunSettings>): reference.PolicyLossSettings {
  const s = { ...DEFAULT_SETTINGS, ...settings };
  const f = Math.fround;
  return {
    objective: OBJECTIVES[s.objective],
    temperature: f(s.temperature),
    clipLow: f(s.clip_low),
    clipHigh: f(s.clip_high),
    dualClip: s.dual_clip,
    positiveWeight: f(s.positive_weight),
    negativeWeight: f(s.negative_weight),
    entropyCoef: f(s.entropy_coef),
    klCoef: f(s.kl_coef),
    clipLowSlope: f(s.clip_low_slope),
    clipHighSlope: f(s.clip_high_slope),
    gppoLow: f(s.gppo_low),
    gppoHigh: f(s.gppo_high),
    entropyAdvantage: f(s.entropy_advantage),
    entropyAdvantageBound: f(s.entropy_advantage_bound),
  };
}

const responseTokens = ({ spans }: RunPass) =>
  spans.reduce((sum, [, prompt, end]) => sum + end - prompt, 0);

/** Log-probability of the token at (b, t), by the twin. */
function logprobAt(
  shape: PassShape,
  pass: RunPass,
  b: number,
  t: number,
  n: number,
  temperature: number,
) {
  return logSoftmaxRow(pass.logits, n, shape.V, temperature)[pass.tokens[b * shape.length + t]];
}

/** Fills the record; `spread` is the standard deviation of log ratios. */
function recorded(
  shape: PassShape,
  pass: RunPass,
  random: Source,
  settings: Partial<RunSettings>,
  spread: number,
): Run {
  const size = shape.rows * shape.length;
  const [oldLogprob, refLogprob, advantage, keep, penalty, sequence] = [0, 1, 2, 3, 4, 5].map(
    () => new Float64Array(size),
  );
  const twin = twinSettings(settings);
  eachResponseToken(shape, pass, (b, t, n) => {
    const at = b * shape.length + t;
    const logprob = logprobAt(shape, pass, b, t, n, twin.temperature);
    // Kinks have a test of their own: f32 and f64 may stand on different sides of one.
    const nearKink = (logRatio: number) =>
      kinkRatios(twin, logprob)
        .filter((ratio) => ratio > 0)
        .some((ratio) => Math.abs(Math.log(ratio) - logRatio) < 1e-3);
    let logRatio = spread * random.normal();
    const atZero = (x: number) =>
      spread > 0 && Math.abs(Math.abs(x) - reference.SAME_POLICY) < 5e-5;
    while (nearKink(logRatio) || atZero(logRatio)) logRatio += 5e-3;
    sequence[at] = spread * random.normal();
    while (nearKink(sequence[at])) sequence[at] += 5e-3;
    sequence[at] = Math.fround(sequence[at]);
    keep[at] = Math.fround(random.pick([1, 1, 0, 0.7]));
    penalty[at] = Math.fround(random.pick([0, 1.5]));
    oldLogprob[at] = Math.fround(logprob - logRatio);
    refLogprob[at] = Math.fround(logprob + 0.7 * random.normal());
    advantage[at] = Math.fround(random.pick([0, 1, -1, 0.3, -0.3, 2.5, -2.5, random.normal()]));
  });
  const selection = [keep, penalty, sequence] as const;
  return { ...pass, oldLogprob, refLogprob, advantage, selection, settings };
}

/** Ratios at which the surrogate of a token changes branch. */
function kinkRatios(twin: reference.PolicyLossSettings, logprob: number): number[] {
  const p = Math.exp(logprob);
  const low = Math.max(0, twin.clipLow + (twin.clipLowSlope ?? 0) * p);
  const high = Math.max(0, twin.clipHigh + (twin.clipHighSlope ?? 0) * p);
  return [1 - low, 1 + high, twin.dualClip ?? 0];
}

async function lossOf(shape: PassShape, runs: readonly Run[]) {
  const { stride, ...inputs } = passBuffers(shape, runs);
  const plane = planeOf(shape);
  // Whatever the record holds outside responses must not matter, and plane 1 is not read at all.
  const record = new Float32Array(4 * plane).fill(GARBAGE);
  runs.forEach((run, r) => {
    eachResponseToken(shape, run, (b, t) => {
      const cell = cellOf(shape, run, r, b, t);
      const at = b * shape.length + t;
      record[cell] = run.oldLogprob[at];
      record[2 * plane + cell] = run.refLogprob[at];
      record[3 * plane + cell] = run.advantage[at];
    });
  });
  const selection = new Float32Array(shape.runs * shape.rows * shape.positions * 4).fill(GARBAGE);
  runs.forEach((run, r) => {
    if (!run.settings.selects) return;
    eachResponseToken(shape, run, (b, t, n) => {
      const at = b * shape.length + t;
      const token = 4 * (r * shape.rows * shape.positions + n);
      run.selection.forEach((values, i) => (selection[token + i] = values[at]));
    });
  });
  const settings = settingsBuffer(
    runs.map((run) => ({ ...DEFAULT_SETTINGS, ...run.settings, token_count: responseTokens(run) })),
  );
  const count = shape.runs * shape.rows * shape.positions;
  return runKernel(policyLoss, {
    constants: { WG: 16 },
    inputs: { ...inputs, record, settings, selection },
    outputs: { d_logits: count * stride, stats: count * STATS },
    params: {
      rows: shape.rows,
      positions: shape.positions,
      first: shape.first,
      length: shape.length,
      rollout_rows: shape.rolloutRows,
      vocab: shape.V,
      vocab_stride: stride,
      plane,
    },
    items: shape.rows * shape.positions,
    runs: shape.runs,
  });
}

/** The twin on one run; its row b T + t - 1 is the logits that predict position t. */
function twinLoss(shape: PassShape, run: Run) {
  const { V, rows: B, length: T, positions } = shape;
  const logits = new Float64Array(B * T * V);
  for (let b = 0; b < B; b++) {
    logits.set(run.logits.subarray(b * positions * V, (b + 1) * positions * V), b * T * V);
  }
  const s = { ...DEFAULT_SETTINGS, ...run.settings };
  const batch = {
    B,
    T,
    tokens: run.tokens,
    promptLength: run.spans.map(([, prompt]) => prompt),
    length: run.spans.map(([, , end]) => end),
    oldLogprob: run.oldLogprob,
    refLogprob: run.refLogprob,
    advantage: run.advantage,
  };
  const constant = Math.fround(s.aggregation_constant);
  const input = lossInput(logits, batch, { kind: AGGREGATIONS[s.aggregation], constant });
  // The twin's row b T + t - 1 predicts position t.
  const shifted = (values: Float64Array) => Float64Array.from(values.subarray(1));
  const [keep, penalty, logSequenceRatio] = run.selection.map((values) => {
    const moved = new Float64Array(values.length);
    moved.set(shifted(values));
    return moved;
  });
  const selected = s.selects ? { ...input, selection: { keep, penalty, logSequenceRatio } } : input;
  return { input: selected, result: reference.policyLoss(selected, V, twinSettings(run.settings)) };
}

/** Compares every output of one run with the twin. */
function expectTwin(shape: PassShape, run: Run, dLogits: Float32Array, stats: Float32Array): void {
  const { V, rows, positions, length } = shape;
  const stride = padded(V);
  const settings = twinSettings(run.settings);
  const { input, result } = twinLoss(shape, run);
  // Log-probabilities of logits within 30 are good to 1e-5, entropies to 2e-6 (RELIABILITY section 3); both errors grow
  // with the logits. A ratio is as good relatively as its log-probability is absolutely.
  const growth = Math.max(1, largest(run.logits) / settings.temperature / 30);
  const logprobError = 1e-5 * growth;
  const entropyError = 2e-6 * growth;

  const wantGradient = new Float64Array(rows * positions * stride);
  const gradientTolerance = new Float64Array(rows * positions * stride);
  const want = new Float64Array(rows * positions * STATS);
  const tolerance = new Float64Array(rows * positions * STATS);
  const lnV = Math.log(V);
  eachResponseToken(shape, run, (b, t, n) => {
    const m = b * length + t - 1;
    const A = input.advantage[m];
    const share = input.tokenWeight[m];
    const logprob = result.logprob[m];
    const keep = input.selection?.keep[m] ?? 1;
    const penalty = input.selection?.penalty[m] ?? 0;
    const shaped =
      A +
      Math.min(
        (settings.entropyAdvantage ?? 0) * result.entropy[m],
        Math.abs(A) / (settings.entropyAdvantageBound ?? 1),
      );
    const weighted =
      shaped * (A > 0 ? settings.positiveWeight : A < 0 ? settings.negativeWeight : 0);
    const logRatio = logprob - input.oldLogprob[m];
    const ratio = result.ratio[m];
    const p = Math.exp(logprob);
    const s = reference.surrogate(
      {
        logprob,
        logRatio: Math.log(ratio),
        advantage: weighted,
        low: Math.max(0, settings.clipLow + (settings.clipLowSlope ?? 0) * p),
        high: Math.max(0, settings.clipHigh + (settings.clipHighSlope ?? 0) * p),
        penalty,
      },
      settings,
    );
    const d = input.refLogprob[m] - logprob;
    // How much the surrogate can change with its ratio, whatever branch it is on.
    const steepness = Math.abs(weighted) * (1 + ratio) + penalty;
    const slope =
      keep * (Math.abs(s.slope) + steepness) +
      settings.klCoef * (1 + Math.exp(d)) +
      Math.abs(settings.entropyCoef) * (1 + lnV);
    const scale = (share * slope) / settings.temperature;

    let rowSum = 0;
    for (let v = 0; v < V; v++) {
      wantGradient[n * stride + v] = result.dLogits[m * V + v];
      gradientTolerance[n * stride + v] = logprobError * scale;
      rowSum += dLogits[n * stride + v];
    }
    // The probabilities of a row sum to 1 but for the rounding of their common offset.
    expect(Math.abs(rowSum)).toBeLessThanOrEqual(
      (1e-6 + (4 * ROUNDING * largest(run.logits)) / settings.temperature) * scale,
    );

    const set = (at: number, value: number, atol: number) => {
      want[n * STATS + at] = value;
      tolerance[n * STATS + at] = atol;
    };
    set(
      0,
      share * keep * s.value,
      share * logprobError * (Math.abs(s.value) + steepness * (1 + Math.abs(logprob))),
    );
    set(1, share * (Math.exp(d) - d - 1), share * logprobError * (1 + Math.exp(d)));
    set(2, share * result.entropy[m], share * (entropyError + 1e-6 * lnV));
    const bounded = Math.max(-20, Math.min(20, logRatio));
    const tokenRatio = Math.exp(bounded);
    set(3, tokenRatio - 1 - bounded, logprobError * (1 + tokenRatio));
    set(4, result.clipLowFlag[m], 0);
    set(5, result.clipHighFlag[m], 0);
    set(6, Number(A > 0), 0);
    set(7, Number(A < 0), 0);
    // dH/dz is at most p (|log p| + H) wide in every place.
    const driveError = 2 * logprobError * share * (Math.abs(s.slope) + steepness) * (1 + lnV);
    const drive = result.entropyDrive[m];
    set(8, A > 0 ? drive : 0, driveError);
    set(9, A < 0 ? drive : 0, driveError);
    set(10, 1, 0);
    set(11, Math.exp(d) - d - 1, logprobError * (1 + Math.exp(d)));
    set(12, ratio, logprobError * ratio);
    set(13, Math.abs(logRatio), logprobError);
    set(16, logprob, logprobError);
    set(17, result.entropy[m], entropyError + 1e-6 * lnV);
    set(18, ratio, logprobError * ratio);
    set(19, drive, driveError);
    // Near the border between likely and surprising f32 and f64 may differ.
    const margin = -logprob - result.entropy[m];
    const likely = Math.abs(margin) < 2 * logprobError + entropyError ? null : margin < 0;
    [A > 0 && likely, A > 0 && !likely, A < 0 && likely, A < 0 && !likely].forEach((mine, i) =>
      set(20 + i, mine ? drive : 0, driveError + (likely === null ? Math.abs(drive) : 0)),
    );
    const removed = result.removedDrive[m];
    const removedError = 3 * logprobError * share * (Math.abs(s.slope) + steepness) * (1 + lnV);
    set(24, A > 0 ? removed : 0, removedError);
    set(25, A < 0 ? removed : 0, removedError);
    set(26, keep, 1e-7);
    expect(stats[n * STATS + 17]).toBeGreaterThanOrEqual(0);
    expect(stats[n * STATS + 17]).toBeLessThanOrEqual(lnV + 1e-6);
  });
  expectAllClose(dLogits, wantGradient, { atol: gradientTolerance }, 'policy_loss d_logits');
  expectAllClose(stats, want, { atol: tolerance }, 'policy_loss stats');
  expectZeroPadding(dLogits, rows * positions, V);

  // The aggregates, as the loss is reported.
  const sum = (column: number) => {
    let total = 0;
    for (let n = 0; n < rows * positions; n++) total += stats[n * STATS + column];
    return total;
  };
  const slack = (column: number) => {
    let total = 0;
    for (let n = 0; n < rows * positions; n++) total += tolerance[n * STATS + column];
    return total;
  };
  expectAllClose([sum(0)], [result.policyLoss], { atol: slack(0), rtol: 1e-6 }, 'policy_loss loss');
  expectAllClose([sum(1)], [result.klMean], { atol: slack(1), rtol: 1e-6 }, 'policy_loss kl');
  expectAllClose(
    [sum(2)],
    [result.entropyMean],
    { atol: slack(2), rtol: 1e-6 },
    'policy_loss entropy',
  );
}

async function expectRuns(shape: PassShape, runs: readonly Run[]): Promise<void> {
  const { d_logits, stats } = await lossOf(shape, runs);
  const count = shape.rows * shape.positions;
  const stride = padded(shape.V);
  runs.forEach((run, r) => {
    const dLogits = d_logits.subarray(r * count * stride, (r + 1) * count * stride);
    expectTwin(shape, run, dLogits, stats.subarray(r * count * STATS, (r + 1) * count * STATS));
  });
}

const VOCABULARIES = [1, 2, 3, 5, 19, 31, 32, 33, 63, 64, 65, 127, 257];
const SCALES = [0, 1, 10, 30];
const WEIGHTS = [1, 0, 0.25, 2, -1, 0.5];

/** Settings drawn so that every value of every setting meets many values of the others. */
function randomSettings(random: Source): Partial<RunSettings> {
  return {
    objective: random.pick([0, 0, 0, 1, 2, 3, 4, 5, 6]),
    selects: random.below(2),
    gppo_low: random.pick([0, 0.5, 1]),
    gppo_high: random.pick([0, 0.5, 1]),
    entropy_advantage: random.pick([0, 0.4, 5]),
    entropy_advantage_bound: random.pick([2, 1]),
    clip_low_slope: random.pick([0, -0.13, 0.3]),
    clip_high_slope: random.pick([0, -0.25, 0.3]),
    aggregation: random.below(3),
    aggregation_constant: random.pick([1, 7, 24]),
    temperature: random.pick([1, 0.6, 1.4, 2]),
    clip_low: random.pick([0.2, 0, 0.5, 1]),
    clip_high: random.pick([0.2, 0.28, 0, 10]),
    dual_clip: random.pick([0, 1.5, 3]),
    positive_weight: random.pick(WEIGHTS),
    negative_weight: random.pick(WEIGHTS),
    entropy_coef: random.pick([0, 0.01, -0.5]),
    kl_coef: random.pick([0, 0.1, 2]),
  };
}

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
      const random = source(V * 1000 + scale * 10 + spread);
      const shape = wholeRows(V, 1 + (V % 5), length, runs);
      const all = Array.from({ length: runs }, () =>
        recorded(shape, randomPass(shape, random, scale), random, randomSettings(random), spread),
      );
      await expectRuns(shape, all);
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
    const run = recorded(shape, randomPass(shape, random, 3), random, settings, 0.7);
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
    const run: Run = {
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
      const { d_logits, stats } = await lossOf(shape, [run]);
      expect(d_logits.some((d) => d !== 0)).toBe(flows);
      expect([...stats.subarray(4, 6)]).toEqual([low, high]);
    },
  );

  test('on the sampling policy itself the ratio is 1, nothing is clipped and k3 is 0', async () => {
    const random = source(41);
    const shape = wholeRows(33, 5, 8, 1);
    const run = recorded(shape, randomPass(shape, random, 3), random, {}, 0);
    const { stats } = await lossOf(shape, [run]);
    eachResponseToken(shape, run, (_, __, n) => {
      expect(Math.abs(stats[n * STATS + 12] - 1)).toBeLessThan(1e-5);
      expect([...stats.subarray(n * STATS + 4, n * STATS + 6)]).toEqual([0, 0]);
      expect(Math.abs(stats[n * STATS + 3])).toBeLessThan(1e-6);
    });
  });

  const random = source(51);
  const shape = wholeRows(19, 5, 8, 1);
  const base = recorded(
    shape,
    randomPass(shape, random, 3),
    random,
    { kl_coef: 0.1, entropy_coef: 0.01 },
    0.4,
  );
  const changed = (advantage: (A: number) => number, settings: Partial<RunSettings>): Run => ({
    ...base,
    advantage: base.advantage.map(advantage),
    settings: { ...base.settings, ...settings },
  });

  test('weights are factors of the advantages: weight 1 is no weighting, bit for bit', async () => {
    // Powers of two multiply exactly, so A and (2 A) / 2 are the same number on the way with and without weights.
    const plain = await lossOf(shape, [
      changed((A) => A, { positive_weight: 1, negative_weight: 1 }),
    ]);
    const halves = [
      changed((A) => (A > 0 ? 2 * A : A), { positive_weight: 0.5 }),
      changed((A) => (A < 0 ? A / 4 : A), { negative_weight: 4 }),
    ];
    for (const run of halves) {
      const got = await lossOf(shape, [run]);
      expectSameBits(got.d_logits, plain.d_logits, 'd_logits');
      expectSameBits(got.stats, plain.stats, 'stats');
    }
  });

  test('a weight scales exactly the gradients of its tokens', async () => {
    const bare = { kl_coef: 0, entropy_coef: 0 };
    const plain = await lossOf(shape, [changed((A) => A, bare)]);
    const half = await lossOf(shape, [changed((A) => A, { ...bare, positive_weight: 0.5 })]);
    const stride = padded(19);
    const want = plain.d_logits.slice();
    eachResponseToken(shape, base, (b, t, n) => {
      if (base.advantage[b * shape.length + t] <= 0) return;
      for (let v = 0; v < 19; v++) want[n * stride + v] *= 0.5;
    });
    expectAllClose(half.d_logits, want, {}, 'policy_loss weight');
  });

  test('open clips are the unclipped loss', async () => {
    const open = await lossOf(shape, [changed((A) => A, { clip_low: 1, clip_high: 1e30 })]);
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
    const run: Run = {
      spans: [[0, 1, 2]],
      tokens: [0, 1],
      logits: Float64Array.of(0, 200, 0),
      oldLogprob: zero,
      refLogprob: zero,
      advantage: Float64Array.of(0, 1),
      selection: [zero, zero, zero],
      settings: { entropy_coef: 1, kl_coef: 1 },
    };
    const { d_logits, stats } = await lossOf(shape, [run]);
    // e^-87 at most, where float64 has e^-200.
    expectAllClose(d_logits, [0, 0, 0, 0], { atol: 1e-35 }, 'policy_loss certain');
    expectAllClose(stats.subarray(16, 20), [0, 0, 1, 0], { atol: 1e-35 }, 'policy_loss certain');
  });

  test('what lies outside the responses changes no bit', async () => {
    const before = await lossOf(shape, [base]);
    // Other logits where no token is predicted, other tokens in the prompts.
    const used = new Set<number>();
    eachResponseToken(shape, base, (_, __, n) => used.add(n));
    const logits = base.logits.map((z, i) => (used.has(Math.floor(i / 19)) ? z : 77));
    const tokens = base.tokens.map((token, i) =>
      i % shape.length < base.spans[Math.floor(i / shape.length)][1] ? (token + 1) % 19 : token,
    );
    const after = await lossOf(shape, [{ ...base, logits, tokens }]);
    expectSameBits(after.d_logits, before.d_logits, 'd_logits');
    expectSameBits(after.stats, before.stats, 'stats');
  });
});
