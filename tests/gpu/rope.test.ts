import { describe, test } from 'vitest';
import { rope } from '../../src/gpu/kernels/rope';
import * as reference from '../../src/reference/rope';
import { float32, ROUNDING } from '../../src/verify/arrays';
import { compareRope, ropeTables } from '../../src/verify/rope';
import { source } from '../../src/verify/source';
import { expectAllClose, expectSameBits, expectTwin, runKernel, testBench } from '../setup/kernel';

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

describe('rope', () => {
  test('the tables of the CPU are those of the twin, rounded', () => {
    for (const headDim of HEAD_DIMS) {
      const want = reference.ropeTables(65, headDim, 10_000);
      const { cosine, sine } = ropeTables(headDim, 65);
      expectAllClose(cosine, want.cos, { atol: ROUNDING }, 'rope tables');
      expectAllClose(sine, want.sin, { atol: ROUNDING }, 'rope tables');
    }
  });

  describe.each([1, -1] as const)('direction %i', (direction) => {
    test.each(CASES)(
      'head $headDim, T = $T, $rows rows, $heads + $still heads, scale $scale, $runs runs',
      async (subject) => {
        expectTwin(await compareRope(await testBench(), subject, direction));
      },
    );
  });

  test('position 0 changes no bit', async () => {
    const x = float32(source(5).array(3 * 8, 10));
    const { cosine, sine } = ropeTables(8, 1);
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
