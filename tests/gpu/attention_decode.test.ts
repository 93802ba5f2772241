import { describe, expect, test } from 'vitest';
import { attentionDecode } from '../../src/gpu/kernels/attention_decode';
import { compareAttentionDecode } from '../../src/verify/attention_decode';
import { expectSameBits, expectTwin, runKernel, testBench } from '../setup/kernel';

const HEADS = [
  [1, 1],
  [2, 1],
  [4, 2],
  [4, 1],
  [3, 3],
] as const;

const CASES = [2, 6, 8, 16, 20].flatMap((headDim, i) =>
  [1, 2, 3, 9].map((steps, j) => {
    const [H, KV] = HEADS[(i + j) % HEADS.length];
    return {
      headDim,
      H,
      KV,
      steps,
      B: [1, 3, 5][(i + j) % 3],
      scale: [1, 10, 30][j % 3],
      runs: 1 + (j % 3),
    };
  }),
);

describe('attention_decode', () => {
  test.each(CASES)(
    'head $headDim, heads $H/$KV, $steps positions, $B rows, scale $scale, $runs runs',
    async (subject) => {
      expectTwin(await compareAttentionDecode(await testBench(), subject));
    },
  );

  test('a full cache is left alone', async () => {
    const before = new Float32Array(2 * 4).fill(2);
    const got = await runKernel(attentionDecode, {
      constants: { WG: 16, HEAD: 1, HALF: 1 },
      inputs: {
        qkv: new Float32Array(12).fill(1),
        cosine: new Float32Array(3).fill(1),
        sine: new Float32Array(3),
      },
      outputs: { cache_k: before, cache_v: before, out: 4 },
      params: { rows: 1, heads: 1, kv_heads: 1, capacity: 2, position: 2, scale: 1 },
      items: 1,
    });
    expectSameBits(got.cache_k, before);
    expectSameBits(got.cache_v, before);
    expect(got.out.every(Number.isFinite)).toBe(true);
  });
});
