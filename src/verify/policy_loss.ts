import { policyLoss } from '../gpu/kernels/policy_loss';
import { NEUTRAL, type RunSettings } from '../gpu/run_settings';
import { AGGREGATIONS, OBJECTIVES } from '../recipe/recipe';
import * as reference from '../reference/policy_loss';
import { lossInput } from '../reference/policy_step';
import { logSoftmaxRow } from '../reference/token_stats';
import {
  cellOf,
  coverOf,
  eachResponseToken,
  GARBAGE,
  passBuffers,
  planeOf,
  randomPass,
  wholeRows,
  type PassShape,
  type RunPass,
} from './rollout_pass';
import type { Bench } from './run_kernel';
import { settingsBuffer } from './settings';
import { source, type Source } from './source';

/** One run: its rows, the record of their response tokens by (row, position), and its settings. */
export interface LossRun extends RunPass {
  readonly oldLogprob: Float64Array;
  readonly refLogprob: Float64Array;
  readonly advantage: Float64Array;
  /** By (row, position) like the record: (keep, penalty, log ratio of the response). */
  readonly selection: readonly [Float64Array, Float64Array, Float64Array];
  readonly settings: Partial<RunSettings>;
}

/** Numbers of a token in `stats`. */
export const STATS = 28;

const DEFAULT_SETTINGS: RunSettings = { ...NEUTRAL, clip_low: 0.2, clip_high: 0.2 };

export function twinSettings(settings: Partial<RunSettings>): reference.PolicyLossSettings {
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
export function logprobAt(
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
export function recordedRun(
  shape: PassShape,
  pass: RunPass,
  random: Source,
  settings: Partial<RunSettings>,
  spread: number,
): LossRun {
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

export interface LossSubject {
  readonly V: number;
  readonly rows: number;
  readonly length: number;
  readonly runs: number;
  /** Largest logit, and standard deviation of the log ratios. */
  readonly scale: number;
  readonly spread: number;
}

/** Runs with settings of their own, drawn too. */
export function randomLossRuns(subject: LossSubject): { shape: PassShape; runs: LossRun[] } {
  const { V, rows, length, scale, spread } = subject;
  const random = source(V * 1000 + scale * 10 + spread);
  const shape = wholeRows(V, rows, length, subject.runs);
  const runs = Array.from({ length: subject.runs }, () =>
    recordedRun(shape, randomPass(shape, random, scale), random, randomSettings(random), spread),
  );
  return { shape, runs };
}

/** What the loss reads beside logits. */
export function lossBuffers(shape: PassShape, runs: readonly LossRun[]) {
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
  return { record, settings, selection };
}

export async function lossOf(bench: Bench, shape: PassShape, runs: readonly LossRun[]) {
  const { stride, ...inputs } = passBuffers(shape, runs);
  const count = shape.runs * shape.rows * shape.positions;
  return bench.run(policyLoss, {
    constants: { WG: bench.profile.row },
    inputs: { ...inputs, ...lossBuffers(shape, runs) },
    outputs: { d_logits: count * stride, stats: count * STATS },
    params: {
      ...coverOf(shape),
      vocab: shape.V,
      vocab_stride: stride,
      minibatch_rows: shape.rows,
    },
    items: shape.rows * shape.positions,
    runs: shape.runs,
  });
}

/** The twin on one run; its row b T + t - 1 is the logits that predict position t. */
export function twinLoss(shape: PassShape, run: LossRun) {
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
