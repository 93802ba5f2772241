import { tokenSelection } from '../gpu/kernels/token_selection';
import type { RunSettings } from '../gpu/run_settings';
import { SELECTION_WORKGROUP } from '../gpu/transformer/kernels';
import { OBJECTIVES } from '../recipe/recipe';
import * as reference from '../reference/token_selection';
import type { Comparison } from './compare';
import {
  cellOf,
  coverOf,
  eachResponseToken,
  GARBAGE,
  passBuffers,
  planeOf,
  randomPass,
  type PassShape,
  type RunPass,
} from './rollout_pass';
import type { Bench } from './run_kernel';
import { settingsBuffer } from './settings';
import type { Source } from './source';

/** One run: what the record says of its response tokens, by row of the pass's logits. */
export interface SelectionRun extends RunPass {
  /** `values` are old log-probability, advantage, log-probability and entropy. */
  readonly recorded: Map<number, { b: number; t: number; values: readonly number[] }>;
  readonly settings: Partial<RunSettings>;
}

const OFF: Partial<RunSettings> = { clip_low: 0.2, clip_high: 0.2, key0: 77, key1: 5 };

export function randomSelectionRun(
  shape: PassShape,
  random: Source,
  settings: Partial<RunSettings>,
): SelectionRun {
  const pass = randomPass(shape, random, 1);
  const recorded: SelectionRun['recorded'] = new Map();
  // One advantage a response, as in training.
  const advantages = Array.from({ length: shape.rows }, () =>
    random.pick([0, 1, -1, 0.5, random.normal()]),
  );
  eachResponseToken(shape, pass, (b, t, n) => {
    const logprob = -3 * random.uniform();
    const old = Math.min(-0.01, logprob - 0.3 * random.normal());
    const values = [old, advantages[b], logprob, 2 * random.uniform()];
    recorded.set(n, { b, t, values: values.map(Math.fround) });
  });
  return { ...pass, recorded, settings: { ...OFF, ...settings } };
}

/** (keep, penalty, log ratio of the response, 0) by row of the pass's logits, of all runs. */
export async function selectionOf(
  bench: Bench,
  shape: PassShape,
  runs: readonly SelectionRun[],
): Promise<Float32Array<ArrayBuffer>> {
  const { rows } = passBuffers(shape, runs);
  const plane = planeOf(shape);
  const record = new Float32Array(6 * plane).fill(GARBAGE);
  runs.forEach((run, r) => {
    for (const { b, t, values } of run.recorded.values()) {
      const cell = cellOf(shape, run, r, b, t);
      [0, 3, 4, 5].forEach((index, i) => (record[index * plane + cell] = values[i]));
    }
  });
  const { selection } = await bench.run(tokenSelection, {
    constants: { WG: SELECTION_WORKGROUP },
    inputs: { rows, record, settings: settingsBuffer(runs.map(({ settings }) => settings)) },
    outputs: { selection: shape.runs * shape.rows * shape.positions * 4 },
    params: {
      ...coverOf(shape),
    },
    items: 1,
    runs: shape.runs,
  });
  return selection;
}

/** What the twin makes of a run: (keep, penalty, log ratio) by row of the pass's logits. */
function twinSelection(shape: PassShape, run: SelectionRun): Map<number, number[]> {
  const entries = [...run.recorded.entries()];
  const column = (i: number) => entries.map(([, { values }]) => values[i]);
  const s = run.settings;
  const f = (x: number | undefined) => Math.fround(x ?? 0);
  const result = reference.tokenSelection(
    {
      row: entries.map(([, { b }]) => b),
      oldLogprob: column(0),
      advantage: column(1),
      logprob: column(2),
      entropy: column(3),
      cell: entries.map(([, { b, t }]) => run.spans[b][0] * shape.length + t),
    },
    {
      objective: OBJECTIVES[s.objective ?? 0],
      clipLow: f(s.clip_low),
      clipHigh: f(s.clip_high),
      clipLowSlope: f(s.clip_low_slope),
      clipHighSlope: f(s.clip_high_slope),
      covTokens: s.cov_tokens ?? 0,
      covLow: f(s.cov_low),
      covHigh: f(s.cov_high),
      klCovCoef: f(s.kl_cov_coef),
      entropyTokens: s.entropy_tokens ?? 0,
      randomTokens: s.random_tokens ?? 0,
      steerMinWeight: f(s.steer_min_weight ?? 1),
      key: [s.key0 ?? 0, s.key1 ?? 0],
    },
  );
  const sequence = s.objective === OBJECTIVES.indexOf('gspo');
  return new Map(
    entries.map(([n], i) => [
      n,
      [result.keep[i], result.penalty[i], sequence ? result.logSequenceRatio[i] : 0],
    ]),
  );
}

export async function compareTokenSelection(
  bench: Bench,
  shape: PassShape,
  runs: readonly SelectionRun[],
): Promise<Comparison[]> {
  const selection = await selectionOf(bench, shape, runs);
  const count = shape.rows * shape.positions;
  return runs.map((run, r) => {
    const want = new Float64Array(count * 4);
    for (const [n, values] of twinSelection(shape, run)) want.set(values, n * 4);
    return {
      kernel: 'token_selection',
      output: 'selection',
      got: selection.subarray(r * count * 4, (r + 1) * count * 4),
      want,
      tolerance: { atol: 2e-6 },
    };
  });
}
