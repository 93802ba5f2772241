import { describe, expect, test } from 'vitest';
import { attentionDecode } from '../../src/gpu/kernels/attention_decode';
import * as reference from '../../src/reference/attention_decode';
import { rope, ropeTables } from '../../src/reference/rope';
import {
  expectAllClose,
  expectSameBits,
  expectZeroPadding,
  float32,
  float64,
  pad,
  padded,
  runKernel,
  SENTINEL,
  ROUNDING,
  unpad,
} from '../setup/kernel';
import { source } from '../unit/reference_support';
import { queryError } from './attention_error';

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
    async ({ headDim, H, KV, steps, B, scale, runs }) => {
      const random = source(headDim * 100 + steps);
      const stride = padded(headDim);
      const capacity = steps + 1;
      const exact = ropeTables(capacity, headDim, 10_000);
      const [cosine, sine] = [float32(exact.cos), float32(exact.sin)];
      const tables = { cos: float64(cosine), sin: float64(sine) };
      const cacheLength = B * KV * capacity * headDim;
      const want = Array.from({ length: runs }, () => ({
        keys: new Float64Array(cacheLength),
        values: new Float64Array(cacheLength),
      }));
      // Cells of positions to come hold garbage.
      let k = new Float32Array(runs * B * KV * capacity * stride).fill(SENTINEL);
      let v = new Float32Array(k);
      for (let position = 0; position < steps; position++) {
        const data = Array.from({ length: runs }, () => ({
          q: float64(float32(random.array(B * H * headDim, scale))),
          k: float64(float32(random.array(B * KV * headDim))),
          v: float64(float32(random.array(B * KV * headDim))),
        }));
        const heads = H + 2 * KV;
        const qkv = new Float32Array(runs * B * heads * stride);
        data.forEach((run, r) => {
          for (let b = 0; b < B; b++) {
            const at = (r * B + b) * heads * stride;
            const row = (x: Float64Array, n: number) =>
              pad(x.subarray(b * n * headDim, (b + 1) * n * headDim), n, headDim);
            qkv.set(row(run.q, H), at);
            qkv.set(row(run.k, KV), at + H * stride);
            qkv.set(row(run.v, KV), at + (H + KV) * stride);
          }
        });
        const got = await runKernel(attentionDecode, {
          constants: { WG: 16, HEAD: stride / 4, HALF: headDim / 2 },
          inputs: { qkv, cosine, sine },
          outputs: { cache_k: k, cache_v: v, out: runs * B * H * stride },
          params: {
            rows: B,
            heads: H,
            kv_heads: KV,
            capacity,
            position,
            scale: 1 / Math.sqrt(headDim),
          },
          items: B * H,
          runs,
        });
        [k, v] = [got.cache_k, got.cache_v];
        expectZeroPadding(got.out, runs * B * H, headDim);
        data.forEach((run, r) => {
          const shape = { B, H, KV, headDim, capacity };
          const out = reference.attentionDecode(
            run.q,
            run.k,
            run.v,
            want[r],
            tables,
            position,
            shape,
          );
          // As for attention; the rotation of q and k is among the roundings of a score.
          const query = rope(run.q, tables, Array<number>(B).fill(position), H, headDim);
          const atol = Array.from({ length: B * H }, (_, item) => {
            const head = Math.floor(item / H) * KV + Math.floor(((item % H) * KV) / H);
            const row = (values: Float64Array) => (j: number) =>
              values.subarray((head * capacity + j) * headDim, (head * capacity + j + 1) * headDim);
            const q = query.subarray(item * headDim, (item + 1) * headDim);
            return [...queryError(q, row(want[r].keys), row(want[r].values), position + 1).out];
          }).flat();
          const mine = unpad(got.out, runs * B * H, headDim).subarray(
            r * out.length,
            (r + 1) * out.length,
          );
          expectAllClose(mine, out, { atol }, 'attention_decode out');
        });
      }
      // The caches: rotated keys (three roundings), values as they came, and nothing beyond the last position.
      for (let cell = 0; cell < runs * B * KV * capacity; cell++) {
        const [run, position] = [Math.floor(cell / (B * KV * capacity)), cell % capacity];
        const at = (cell % (B * KV * capacity)) * headDim;
        for (const [name, cache, twin, atol] of [
          ['keys', k, want[run].keys, 3 * ROUNDING * 10],
          ['values', v, want[run].values, 0],
        ] as const) {
          const got = cache.subarray(cell * stride, (cell + 1) * stride);
          if (position < steps) {
            expectAllClose(
              unpad(got, 1, headDim),
              twin.subarray(at, at + headDim),
              { atol },
              `decode ${name}`,
            );
            expectZeroPadding(got, 1, headDim);
          } else {
            expectSameBits(got, new Float32Array(stride).fill(SENTINEL), name);
          }
        }
      }
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
