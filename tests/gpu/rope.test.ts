import { describe, test } from 'vitest';
import { rope } from '../../src/gpu/kernels/rope';
import { ropeTables as cpuTables } from '../../src/model/layout';
import * as reference from '../../src/reference/rope';
import {
  expectAllClose,
  expectSameBits,
  float32,
  float64,
  padded,
  runKernel,
  ROUNDING,
} from '../setup/kernel';
import { source } from '../unit/reference_support';

const HEAD_DIMS = [2, 4, 6, 8, 10, 16, 20];
const LENGTHS = [1, 2, 3, 13, 33];
const SCALES = [0, 1, 10, 30];

/** `still` heads after the rotated ones stand for values, which do not turn. */
const CASES = HEAD_DIMS.flatMap((headDim, i) =>
  LENGTHS.map((T, j) => ({
    headDim,
    T,
    rows: 1 + ((i + j) % 3),
    heads: [1, 2, 3, 5][(i + j) % 4],
    still: (i + j) % 3,
    scale: SCALES[(i + 2 * j) % 4],
    runs: 1 + (j % 3),
  })),
);

function tablesOf(headDim: number, T: number) {
  const spec = { hidden_size: 3 * headDim, num_attention_heads: 3, rope_theta: 10_000 };
  return cpuTables(spec as Parameters<typeof cpuTables>[0], T);
}

describe('rope', () => {
  test('the tables of the CPU are those of the twin, rounded', () => {
    for (const headDim of HEAD_DIMS) {
      const want = reference.ropeTables(65, headDim, 10_000);
      const { cosine, sine } = tablesOf(headDim, 65);
      expectAllClose(cosine, want.cos, { atol: ROUNDING }, 'rope tables');
      expectAllClose(sine, want.sin, { atol: ROUNDING }, 'rope tables');
    }
  });

  describe.each([1, -1] as const)('direction %i', (direction) => {
    test.each(CASES)(
      'head $headDim, T = $T, $rows rows, $heads + $still heads, scale $scale, $runs runs',
      async ({ headDim, T, rows, heads, still, scale, runs }) => {
        const random = source(headDim * 100 + T);
        const stride = padded(headDim);
        const all = heads + still;
        const N = rows * T;
        const values = Array.from({ length: runs }, () =>
          float32(random.array(N * all * headDim, scale)),
        );
        const x = new Float32Array(runs * N * all * stride);
        values.forEach((run, r) =>
          run.forEach((value, i) => {
            const head = Math.floor(i / headDim);
            x[(r * N * all + head) * stride + (i % headDim)] = value;
          }),
        );
        const { cosine, sine } = tablesOf(headDim, T);
        const result = await runKernel(rope, {
          constants: { WG: 16 },
          inputs: { cosine, sine },
          outputs: { x },
          params: {
            rows: N,
            positions: T,
            heads,
            head_dim: headDim,
            head_stride: stride,
            row_stride: all * stride,
            direction,
          },
          items: N * heads,
          runs,
        });
        const tables = { cos: float64(cosine), sin: float64(sine) };
        const position = Array.from({ length: N }, (_, n) => n % T);
        const turn = direction === 1 ? reference.rope : reference.ropeInverse;
        const want = new Float64Array(x.length);
        values.forEach((run, r) => {
          const turned = turn(float64(run), tables, position, all, headDim);
          turned.forEach((value, i) => {
            const head = Math.floor(i / headDim);
            const moves = head % all < heads;
            // Heads that stand still, and the padding of every head, must come back exactly.
            want[(r * N * all + head) * stride + (i % headDim)] = moves ? value : run[i];
          });
        });
        // Two products and a sum of numbers below 5 scale.
        const atol = want.map((_, i) => {
          const head = Math.floor(i / stride) % all;
          return head < heads && i % stride < headDim ? 3 * ROUNDING * 2 * 5 * scale : 0;
        });
        expectAllClose(result.x, want, { atol }, 'rope');
      },
    );
  });

  test('position 0 changes no bit', async () => {
    const x = float32(source(5).array(3 * 8, 10));
    const { cosine, sine } = tablesOf(8, 1);
    const result = await runKernel(rope, {
      constants: { WG: 16 },
      inputs: { cosine, sine },
      outputs: { x },
      params: {
        rows: 3,
        positions: 1,
        heads: 1,
        head_dim: 8,
        head_stride: 8,
        row_stride: 8,
        direction: 1,
      },
      items: 3,
    });
    expectSameBits(result.x, x);
  });
});
