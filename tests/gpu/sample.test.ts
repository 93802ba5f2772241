import { describe, expect, test } from 'vitest';
import { sample } from '../../src/gpu/kernels/sample';
import * as reference from '../../src/reference/sample';
import { float64 } from '../../src/verify/arrays';
import { SENTINEL } from '../../src/verify/run_kernel';
import {
  CLOSE_CALL,
  compareSample,
  draw,
  randomDraw,
  twinDraw,
  UNWRITTEN,
  type Draw,
} from '../../src/verify/sample';
import { settingsBuffer } from '../../src/verify/settings';
import { source } from '../../src/verify/source';
import { expectSameBits, expectTwin, runKernel, testBench } from '../setup/kernel';

const drawn = async (subject: Draw) => draw(await testBench(), subject);

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
      expectTwin(await compareSample(await testBench(), subject, scale));
      const close = twinDraw(subject).leads.filter((lead) => lead < CLOSE_CALL);
      expect(close.length).toBeLessThanOrEqual(2);
    },
  );

  test('writes the column after the position and nothing else', async () => {
    const subject = randomDraw(5, 1, 2, 7);
    const { tokens, record, spans } = await drawn(subject);
    tokens.forEach((token, i) => expect(token === UNWRITTEN).toBe(i % 5 !== 3));
    record.forEach((value, i) => expect(value === SENTINEL).toBe(i % 5 !== 3));
    expect([...spans]).toEqual(Array.from({ length: 28 }, (_, i) => (i % 2 === 0 ? 1 : 0)));
  });

  test('prompts stay, ended rows get the end token and an empty record', async () => {
    const subject = { ...randomDraw(7, 1, 1, 4), eos: 6 };
    const before = Uint32Array.of(4, 0, 3, 0, 1, 2, 1, 0); // in its prompt, first of its response, ended, open
    const { picks, logprob, entropy, spans } = await drawn({ ...subject, spans: before });
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
    const middle = await drawn({ ...greedy, position: 1, eos: 1 });
    expect(middle.picks).toEqual([1, 1, 0]);
    expect([...middle.spans]).toEqual([1, 3, 1, 3, 1, 0]);
    const last = await drawn({ ...greedy, position: 3, eos: 99 });
    expect([...last.spans]).toEqual([1, 5, 1, 5, 1, 5]);
  });

  test('greedy takes the likeliest token at any temperature, the lower of equals', async () => {
    const random = source(12);
    const V = 33;
    // Few different values: every row has ties.
    const logits = Float32Array.from({ length: 3 * 40 * V }, () => random.below(4));
    const settings = [0.3, 1, 4].map((temperature) => ({ temperature, greedy: 1, key0: 5 }));
    const { picks } = await drawn({ V, rows: 40, length: 3, position: 0, settings, logits });
    expect(picks).toEqual([...reference.greedy(float64(logits), V)]);
  });

  test('runs decide each for itself whether to be greedy', async () => {
    const subject = randomDraw(19, 0.5, 2, 40);
    const settings = [{ ...subject.settings[0], greedy: 1 }, subject.settings[1]];
    const { picks } = await drawn({ ...subject, settings });
    expect(picks).toEqual(twinDraw({ ...subject, settings }).picks);
  });

  test('runs of one key share their noise; another key, row, position or batch has its own', async () => {
    const [V, rows] = [31, 64];
    const logits = new Float32Array(3 * rows * V); // all equal: the noise alone decides
    const key = { key0: 1, key1: 2 };
    const settings = [key, key, { key0: 1, key1: 3 }];
    const at = (position: number, first_row = 0) =>
      drawn({
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
    const { picks } = await drawn({ V, rows, length: 2, position: 0, settings, logits });
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
    const before = await drawn(subject);
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
