import { describe, expect, test } from 'vitest';
import { tokenSelection } from '../../src/gpu/kernels/token_selection';
import type { RunSettings } from '../../src/gpu/run_settings';
import { OBJECTIVES } from '../../src/recipe/recipe';
import * as reference from '../../src/reference/token_selection';
import { expectAllClose, expectSameBits, runKernel } from '../setup/kernel';
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

/** One run: what the record says of its response tokens, by row of the pass's logits. */
interface Run extends RunPass {
  readonly tokens4: Map<number, { b: number; t: number; values: readonly number[] }>;
  readonly settings: Partial<RunSettings>;
}

const OFF: Partial<RunSettings> = { clip_low: 0.2, clip_high: 0.2, key0: 77, key1: 5 };

function randomRun(shape: PassShape, random: Source, settings: Partial<RunSettings>): Run {
  const pass = randomPass(shape, random, 1);
  const tokens4: Run['tokens4'] = new Map();
  // One advantage a response, as in training.
  const advantages = Array.from({ length: shape.rows }, () =>
    random.pick([0, 1, -1, 0.5, random.normal()]),
  );
  eachResponseToken(shape, pass, (b, t, n) => {
    const logprob = -3 * random.uniform();
    const old = Math.min(-0.01, logprob - 0.3 * random.normal());
    const values = [old, advantages[b], logprob, 2 * random.uniform()];
    tokens4.set(n, { b, t, values: values.map(Math.fround) });
  });
  return { ...pass, tokens4, settings: { ...OFF, ...settings } };
}

async function selectionOf(
  shape: PassShape,
  runs: readonly Run[],
): Promise<Float32Array<ArrayBuffer>> {
  const { rows } = passBuffers(shape, runs);
  const plane = planeOf(shape);
  const record = new Float32Array(6 * plane).fill(GARBAGE);
  runs.forEach((run, r) => {
    for (const { b, t, values } of run.tokens4.values()) {
      const cell = cellOf(shape, run, r, b, t);
      [0, 3, 4, 5].forEach((index, i) => (record[index * plane + cell] = values[i]));
    }
  });
  const { selection } = await runKernel(tokenSelection, {
    constants: { WG: 16 },
    inputs: { rows, record, settings: settingsBuffer(runs.map(({ settings }) => settings)) },
    outputs: { selection: shape.runs * shape.rows * shape.positions * 4 },
    params: {
      rows: shape.rows,
      positions: shape.positions,
      first: shape.first,
      length: shape.length,
      rollout_rows: shape.rolloutRows,
      plane,
    },
    items: 1,
    runs: shape.runs,
  });
  return selection;
}

/** What the twin makes of a run: (keep, penalty, log ratio) by row of the pass's logits. */
function wanted(shape: PassShape, run: Run): Map<number, number[]> {
  const entries = [...run.tokens4.entries()];
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
  return new Map(
    entries.map(([n], i) => [
      n,
      [
        result.keep[i],
        result.penalty[i],
        s.objective === OBJECTIVES.indexOf('gspo') ? result.logSequenceRatio[i] : 0,
      ],
    ]),
  );
}

async function expectTwin(shape: PassShape, runs: readonly Run[]): Promise<void> {
  const selection = await selectionOf(shape, runs);
  const count = shape.rows * shape.positions;
  runs.forEach((run, r) => {
    const want = new Float64Array(count * 4);
    for (const [n, values] of wanted(shape, run)) want.set(values, n * 4);
    const got = selection.subarray(r * count * 4, (r + 1) * count * 4);
    expectAllClose(got, want, { atol: 2e-6 }, 'token_selection');
  });
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
    for (const [rows, length] of [
      [1, 2],
      [3, 5],
      [7, 9],
      [33, 4],
    ]) {
      const random = source(rows * 100 + length);
      const shape = wholeRows(3, rows, length, 2);
      await expectTwin(shape, [
        randomRun(shape, random, settings),
        randomRun(shape, random, settings),
      ]);
    }
  });

  test('runs with different settings do not mix', async () => {
    const random = source(9);
    const shape = wholeRows(3, 9, 7, 4);
    await expectTwin(
      shape,
      [MODES[1], MODES[4], MODES[10], MODES[13]].map((settings) =>
        randomRun(shape, random, settings),
      ),
    );
  });

  test('exactly as many tokens as asked for', async () => {
    const random = source(10);
    const shape = wholeRows(3, 20, 9, 1);
    const run = randomRun(shape, random, { random_tokens: 7 });
    const kept = await selectionOf(shape, [run]);
    const dropped = [...run.tokens4.keys()].filter((n) => kept[4 * n] === 0);
    expect(dropped).toHaveLength(7);
    expect(dropped.every((n) => (run.tokens4.get(n)?.values[1] ?? 0) > 0)).toBe(true);
  });

  test('another key drops other tokens; the same key the same, bit for bit', async () => {
    const random = source(11);
    const shape = wholeRows(3, 20, 9, 1);
    const run = randomRun(shape, random, { random_tokens: 7, steer_min_weight: 0.5 });
    const first = await selectionOf(shape, [run]);
    expectSameBits(await selectionOf(shape, [run]), first, 'selection');
    const other = await selectionOf(shape, [{ ...run, settings: { ...run.settings, key0: 78 } }]);
    expect([...other]).not.toEqual([...first]);
  });

  test('equal scores are selected together', async () => {
    const random = source(12);
    const shape = wholeRows(3, 6, 9, 1);
    const run = randomRun(shape, random, { entropy_tokens: 2 });
    for (const token of run.tokens4.values())
      token.values = token.values.map((x, i) => (i === 3 ? 0.5 : x));
    const kept = await selectionOf(shape, [run]);
    expect([...run.tokens4.keys()].every((n) => kept[4 * n] === 1)).toBe(true);
  });
});
