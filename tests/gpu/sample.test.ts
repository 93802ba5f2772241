import { describe, expect, test } from 'vitest';
import { sample } from '../../src/gpu/kernels/sample';
import type { RunSettings } from '../../src/gpu/run_settings';
import * as reference from '../../src/reference/sample';
import { tokenStats } from '../../src/reference/token_stats';
import {
  expectAllClose,
  expectSameBits,
  float32,
  float64,
  padded,
  runKernel,
  SENTINEL,
} from '../setup/kernel';
import { source } from '../unit/reference_support';
import { GARBAGE, settingsBuffer } from './rollouts';

interface Draw {
  readonly V: number;
  readonly rows: number;
  readonly length: number;
  readonly position: number;
  readonly eos?: number;
  /** One for each run. */
  readonly settings: readonly Partial<RunSettings>[];
  /** (R, rows, V). */
  readonly logits: Float32Array;
  /** (R, rows, 2); prompts of one token, responses open, unless given. */
  readonly spans?: Uint32Array<ArrayBuffer>;
}

const UNWRITTEN = 0xabc;

async function draw({ V, rows, length, position, eos = 1 << 30, settings, logits, spans }: Draw) {
  const runs = settings.length;
  const plane = runs * rows * length;
  const stride = padded(V);
  const paddedLogits = new Float32Array(runs * rows * stride).fill(GARBAGE);
  for (let row = 0; row < runs * rows; row++) {
    paddedLogits.set(logits.subarray(row * V, (row + 1) * V), row * stride);
  }
  const open = new Uint32Array(runs * rows * 2).map((_, i) => (i % 2 === 0 ? 1 : 0));
  const got = await runKernel(sample, {
    constants: { WG: 16 },
    inputs: { settings: settingsBuffer(settings), logits: paddedLogits },
    outputs: {
      tokens: new Uint32Array(plane).fill(UNWRITTEN),
      spans: spans ?? open,
      record: 2 * plane,
    },
    params: { rows, length, position, vocab: V, vocab_stride: stride, plane, eos },
    items: rows,
    runs,
  });
  const at = (values: ArrayLike<number>, offset = 0) =>
    Array.from({ length: runs * rows }, (_, row) => values[offset + row * length + position + 1]);
  return {
    ...got,
    /** The drawn column. */
    picks: at(got.tokens),
    logprob: at(got.record),
    entropy: at(got.record, plane),
  };
}

/** What the twin draws, and by how much its winner leads. */
function twinDraw({ V, rows, length, position, settings, logits }: Draw) {
  const picks: number[] = [];
  const leads: number[] = [];
  settings.forEach((run, r) => {
    const { temperature = 1, key0 = 0, key1 = 0, first_row = 0, greedy = 0 } = run;
    for (let b = 0; b < rows; b++) {
      const row = float64(logits.subarray((r * rows + b) * V, (r * rows + b + 1) * V));
      const cell = (first_row + b) * length + position + 1;
      const noise = greedy ? new Float64Array(V) : reference.gumbelNoise(key0, key1, cell, V);
      const scores = row.map((z, v) => z / Math.fround(temperature) + noise[v]);
      picks.push(reference.gumbelMax(row, noise, V, Math.fround(temperature))[0]);
      const sorted = [...scores].sort((a, b) => b - a);
      leads.push(V > 1 ? sorted[0] - sorted[1] : Infinity);
    }
  });
  return { picks, leads };
}

function randomDraw(V: number, scale: number, runs: number, rows: number): Draw {
  const random = source(V * 1000 + scale);
  const settings = Array.from({ length: runs }, (_, run) => ({
    temperature: [1, 0.6, 1.7][run % 3],
    key0: random.below(2 ** 32),
    key1: random.below(2 ** 32),
    first_row: run * 1000,
  }));
  const logits = float32(random.array(runs * rows * V, scale));
  return { V, rows, length: 5, position: 2, settings, logits };
}

const VOCABULARIES = [1, 2, 3, 5, 19, 31, 32, 33, 64, 65, 127, 257];
const SCALES = [0, 1, 10, 30];
const CASES = VOCABULARIES.flatMap((V, i) =>
  SCALES.map((scale, j) => ({ V, scale, runs: 1 + ((i + j) % 3) })),
);

describe('sample', () => {
  test.each(CASES)(
    'V = $V, scale $scale, $runs runs: the draws of the twin',
    async ({ V, scale, runs }) => {
      const subject = randomDraw(V, scale, runs, 33);
      const got = await draw(subject);
      const want = twinDraw(subject);
      // f32 scores up to 60 are good to about 1e-5; closer calls than 1e-4 may go either way.
      let close = 0;
      got.picks.forEach((pick, i) => {
        if (want.leads[i] < 1e-4) close++;
        else expect(pick, `row ${i}`).toBe(want.picks[i]);
      });
      expect(close).toBeLessThanOrEqual(2);
      // The record is that of the token that was drawn, at the sampling temperature.
      const stats = got.picks.map((pick, i) => {
        const { temperature } = subject.settings[Math.floor(i / 33)];
        const row = float64(subject.logits.subarray(i * V, (i + 1) * V));
        return tokenStats(row, [pick], V, Math.fround(temperature ?? 1));
      });
      const growth = Math.max(1, (scale * 4) / 0.6 / 30); // normal logits reach 4 times their scale
      const logprobs = stats.map(({ logprob }) => logprob[0]);
      expectAllClose(got.logprob, logprobs, { atol: 1e-5 * growth }, 'sample logprob');
      const entropies = stats.map(({ entropy }) => entropy[0]);
      expectAllClose(got.entropy, entropies, { atol: 2e-6 * growth, rtol: 1e-6 }, 'sample entropy');
    },
  );

  test('writes the column after the position and nothing else', async () => {
    const subject = randomDraw(5, 1, 2, 7);
    const { tokens, record, spans } = await draw(subject);
    tokens.forEach((token, i) => expect(token === UNWRITTEN).toBe(i % 5 !== 3));
    record.forEach((value, i) => expect(value === SENTINEL).toBe(i % 5 !== 3));
    expect([...spans]).toEqual(Array.from({ length: 28 }, (_, i) => (i % 2 === 0 ? 1 : 0)));
  });

  test('prompts stay, ended rows get the end token and an empty record', async () => {
    const subject = { ...randomDraw(7, 1, 1, 4), eos: 6 };
    const before = Uint32Array.of(4, 0, 3, 0, 1, 2, 1, 0); // in its prompt, first of its response, ended, open
    const { picks, logprob, entropy, spans } = await draw({ ...subject, spans: before });
    expect([picks[0], logprob[0], entropy[0]]).toEqual([UNWRITTEN, SENTINEL, SENTINEL]);
    expect([picks[2], logprob[2], entropy[2]]).toEqual([6, 0, 0]);
    for (const row of [1, 3]) {
      expect(picks[row]).toBeLessThan(7);
      expect(logprob[row]).toBeLessThan(0);
      expect(entropy[row]).toBeGreaterThan(0);
    }
    expect([...spans.subarray(0, 2), ...spans.subarray(4, 6)]).toEqual([4, 0, 1, 2]);
  });

  test('a response ends with the end token or with the row', async () => {
    const logits = Float32Array.of(0, 50, 0, 0, 50, 0, 50, 0, 0);
    const greedy = { V: 3, rows: 3, length: 5, settings: [{ greedy: 1 }], logits };
    const middle = await draw({ ...greedy, position: 1, eos: 1 });
    expect(middle.picks).toEqual([1, 1, 0]);
    expect([...middle.spans]).toEqual([1, 3, 1, 3, 1, 0]);
    const last = await draw({ ...greedy, position: 3, eos: 99 });
    expect([...last.spans]).toEqual([1, 5, 1, 5, 1, 5]);
  });

  test('greedy takes the likeliest token at any temperature, the lower of equals', async () => {
    const random = source(12);
    const V = 33;
    // Few different values: every row has ties.
    const logits = Float32Array.from({ length: 3 * 40 * V }, () => random.below(4));
    const settings = [0.3, 1, 4].map((temperature) => ({ temperature, greedy: 1, key0: 5 }));
    const { picks } = await draw({ V, rows: 40, length: 3, position: 0, settings, logits });
    expect(picks).toEqual([...reference.greedy(float64(logits), V)]);
  });

  test('runs decide each for itself whether to be greedy', async () => {
    const subject = randomDraw(19, 0.5, 2, 40);
    const settings = [{ ...subject.settings[0], greedy: 1 }, subject.settings[1]];
    const { picks } = await draw({ ...subject, settings });
    expect(picks).toEqual(twinDraw({ ...subject, settings }).picks);
  });

  test('runs of one key share their noise; another key, row, position or batch has its own', async () => {
    const [V, rows] = [31, 64];
    const logits = new Float32Array(3 * rows * V); // all equal: the noise alone decides
    const key = { key0: 1, key1: 2 };
    const settings = [key, key, { key0: 1, key1: 3 }];
    const at = (position: number, first_row = 0) =>
      draw({
        V,
        rows,
        length: 9,
        position,
        settings: settings.map((s) => ({ ...s, first_row })),
        logits,
      });
    const { picks } = await at(4);
    const [one, two, other] = [
      picks.slice(0, rows),
      picks.slice(rows, 2 * rows),
      picks.slice(2 * rows),
    ];
    expect(two).toEqual(one);
    // Independent uniform draws from 31 agree about twice in 64.
    const agree = (a: number[], b: number[]) => a.filter((token, i) => token === b[i]).length;
    expect(agree(one, other)).toBeLessThan(12);
    expect(agree(one, (await at(5)).picks)).toBeLessThan(12);
    expect(agree(one, (await at(4, rows)).picks)).toBeLessThan(12);
    expect(agree(one.slice(1), one)).toBeLessThan(12);
    // A batch cut in two draws what the whole draws.
    const half = await at(4, 32);
    expect(half.picks.slice(0, 32)).toEqual(one.slice(32));
  });

  test.each([0.5, 1, 2])('frequencies are softmax(logits / %f)', async (temperature) => {
    const probabilities = [0.5, 0.2, 0.15, 0.1, 0.04, 0.009, 0.001];
    const [V, rows] = [7, 20_480];
    const logits = Float32Array.from({ length: rows * V }, (_, i) =>
      Math.log(probabilities[i % V]),
    );
    const settings = [{ temperature, key0: 2026, key1: 11 }];
    const { picks } = await draw({ V, rows, length: 2, position: 0, settings, logits });
    const powers = probabilities.map((p) => p ** (1 / temperature));
    const total = powers.reduce((sum, p) => sum + p, 0);
    let chiSquare = 0;
    powers.forEach((power, v) => {
      const expected = (rows * power) / total;
      const observed = picks.filter((pick) => pick === v).length;
      chiSquare += (observed - expected) ** 2 / expected;
    });
    // 99.9% quantile of chi-square with 6 degrees of freedom. The key is fixed: this cannot fail by chance.
    expect(chiSquare).toBeLessThan(22.46);
  });

  test('padding of the vocabulary changes no bit', async () => {
    const subject = randomDraw(5, 1, 1, 9);
    const wider = new Float32Array(9 * 8);
    for (let row = 0; row < 9; row++) {
      wider.set(subject.logits.subarray(row * 5, (row + 1) * 5), row * 8);
      wider.fill(1e30, row * 8 + 5, (row + 1) * 8);
    }
    const before = await draw(subject);
    const { tokens, record } = await runKernel(sample, {
      constants: { WG: 16 },
      inputs: { settings: settingsBuffer(subject.settings), logits: wider },
      outputs: {
        tokens: new Uint32Array(45).fill(UNWRITTEN),
        spans: new Uint32Array(18).map((_, i) => (i % 2 === 0 ? 1 : 0)),
        record: 90,
      },
      params: {
        rows: 9,
        length: 5,
        position: 2,
        vocab: 5,
        vocab_stride: 8,
        plane: 45,
        eos: 1 << 30,
      },
      items: 9,
    });
    expectSameBits(tokens, before.tokens);
    expectSameBits(record, before.record);
  });
});
