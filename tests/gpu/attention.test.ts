import { describe, test } from 'vitest';
import { float32, pad, ROUNDING, unpad } from '../../src/verify/arrays';
import {
  attentionBackward,
  attentionData,
  attentionForward,
  compareAttention,
  compareAttentionBackward,
  packQkv,
  type AttentionSubject,
} from '../../src/verify/attention';
import { source } from '../../src/verify/source';
import {
  expectAllClose,
  expectSameBits,
  expectTwin,
  expectZeroPadding,
  testBench,
} from '../setup/kernel';

const HEADS = [
  [1, 1],
  [2, 2],
  [2, 1],
  [4, 1],
  [4, 2],
  [6, 2],
  [3, 1],
] as const;
const LENGTHS = [1, 2, 3, 7, 17, 33];
const SCALES = [0, 1, 10, 30];

const CASES: readonly AttentionSubject[] = [2, 6, 8, 16, 20].flatMap((headDim, i) =>
  LENGTHS.flatMap((T, j) =>
    [0, 1].map((turn) => {
      const [H, KV] = HEADS[(i + j + 3 * turn) % HEADS.length];
      const scale = SCALES[(i + j + turn) % 4];
      return { headDim, H, KV, T, rows: 1 + ((i + j) % 3), scale, runs: 1 + ((j + turn) % 3) };
    }),
  ),
);

const NAME = 'head $headDim, heads $H/$KV, T = $T, $rows rows, scale $scale, $runs runs';

describe('attention', () => {
  test.each(CASES)(NAME, async (subject) => {
    expectTwin(await compareAttention(await testBench(), subject));
  });

  test('positions after t change no bit at t', async () => {
    const subject = { headDim: 6, H: 4, KV: 2, T: 9, rows: 2, scale: 3, runs: 2 };
    const qkv = packQkv(attentionData(subject), subject);
    const rowStride = (4 + 4) * 8;
    const other = float32(source(8).array(qkv.length, 50));
    const changed = qkv.map((value, i) => (Math.floor(i / rowStride) % 9 > 4 ? other[i] : value));
    const [before, after] = [
      await attentionForward(await testBench(), subject, qkv),
      await attentionForward(await testBench(), subject, changed),
    ];
    for (let row = 0; row < 4; row++) {
      const seen = [row * 9 * 4 * 8, (row * 9 + 5) * 4 * 8] as const;
      expectSameBits(after.out.subarray(...seen), before.out.subarray(...seen), 'out');
    }
  });

  test('equal scores average the values', async () => {
    const subject = { headDim: 2, H: 1, KV: 1, T: 3, rows: 1, scale: 0, runs: 1 };
    const v = Float64Array.of(1, 2, 3, 6, 8, 1);
    const zero = new Float64Array(6);
    const { out } = await attentionForward(
      await testBench(),
      subject,
      packQkv([{ q: zero, k: zero, v }], subject),
    );
    expectAllClose(unpad(out, 3, 2), [1, 2, 2, 4, 4, 3], { rtol: 4 * ROUNDING }, 'attention mean');
  });
});

describe('attention_backward', () => {
  test.each(CASES)(NAME, async (subject) => {
    expectTwin(await compareAttentionBackward(await testBench(), subject));
  });

  test('a query whose gradient is zero gives none', async () => {
    const subject = { headDim: 6, H: 2, KV: 1, T: 5, rows: 1, scale: 2, runs: 1 };
    const [run] = attentionData(subject);
    const qkv = packQkv([run], subject);
    const saved = await attentionForward(await testBench(), subject, qkv);
    // Only position 0 has a gradient: keys and values after it must get exactly zero.
    const dOut = pad(
      run.dOut.map((x, i) => (i < 12 ? x : 0)),
      10,
      6,
    );
    const { d_qkv } = await attentionBackward(await testBench(), subject, qkv, saved, dOut);
    expectZeroPadding(d_qkv, 1, 4 * 8, d_qkv.length);
  });
});
