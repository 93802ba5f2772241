import { describe, test } from 'vitest';
import {
  embedding,
  embeddingBackward,
  embeddingBackwardItems,
} from '../../src/gpu/kernels/embedding';
import * as reference from '../../src/reference/embedding';
import {
  expectAllClose,
  expectSameBits,
  expectZeroPadding,
  float64,
  pad,
  padded,
  runKernel,
  ROUNDING,
  unpad,
} from '../setup/kernel';
import { source, type Source } from '../unit/reference_support';

interface Shape {
  readonly V: number;
  readonly D: number;
  /** Rows of the pass, and of the rollouts they are chosen from. */
  readonly rows: number;
  readonly rolloutRows: number;
  readonly positions: number;
  readonly first: number;
  readonly length: number;
  readonly runs: number;
}

const SHAPES: readonly Shape[] = [
  { V: 1, D: 1, rows: 1, rolloutRows: 1, positions: 1, first: 0, length: 1, runs: 1 },
  { V: 2, D: 2, rows: 1, rolloutRows: 2, positions: 1, first: 2, length: 3, runs: 2 },
  { V: 3, D: 3, rows: 2, rolloutRows: 3, positions: 2, first: 0, length: 3, runs: 3 },
  { V: 7, D: 4, rows: 3, rolloutRows: 3, positions: 5, first: 1, length: 8, runs: 2 },
  { V: 13, D: 5, rows: 2, rolloutRows: 5, positions: 7, first: 0, length: 8, runs: 1 },
  { V: 19, D: 12, rows: 5, rolloutRows: 7, positions: 11, first: 0, length: 12, runs: 3 },
  { V: 64, D: 20, rows: 3, rolloutRows: 4, positions: 23, first: 0, length: 24, runs: 2 },
  { V: 257, D: 65, rows: 4, rolloutRows: 4, positions: 3, first: 4, length: 9, runs: 2 },
];

/** Garbage that a pass must not read: token ids nowhere near the vocabulary. */
const GARBAGE = 0xfff0_0000;

function batchOf(shape: Shape, random: Source) {
  const { V, rows, rolloutRows, positions, first, length, runs } = shape;
  const tokens = new Uint32Array(runs * rolloutRows * length).fill(GARBAGE);
  const selected = new Uint32Array(runs * rows * 4);
  /** Tokens the pass covers, by run, in row order. */
  const covered: number[][] = [];
  for (let run = 0; run < runs; run++) {
    const chosen: number[] = [];
    const seen: number[] = [];
    for (let b = 0; b < rows; b++) {
      let row = random.below(rolloutRows);
      while (chosen.includes(row)) row = (row + 1) % rolloutRows;
      chosen.push(row);
      selected.set([row, 99, 98, 97], 4 * (run * rows + b));
      for (let s = 0; s < positions; s++) {
        const token = random.below(V);
        tokens[(run * rolloutRows + row) * length + first + s] = token;
        seen.push(token);
      }
    }
    covered.push(seen);
  }
  return { tokens, selected, covered };
}

const paramsOf = (
  { V, D, rows, rolloutRows, positions, first, length }: Shape,
  tableRun: number,
) => ({
  rows,
  positions,
  first,
  length,
  rollout_rows: rolloutRows,
  vocab: V,
  width: padded(D) / 4,
  table_stride: tableRun / 4,
  accumulate: 0,
});

const labelled = SHAPES.map((shape) => [Object.values(shape).join(' '), shape] as const);

describe('embedding', () => {
  test.each(labelled)('V D rows rollouts positions first length R = %s', async (_, shape) => {
    const { V, D, rows, positions, runs } = shape;
    const random = source(V * 100 + D);
    const { tokens, selected, covered } = batchOf(shape, random);
    const tableRun = V * padded(D) + 16;
    const tables = Array.from({ length: runs }, () => Float32Array.from(random.array(V * D)));
    const table = new Float32Array(runs * tableRun).fill(-7e7);
    tables.forEach((values, run) => table.set(pad(values, V, D), run * tableRun));
    const { x } = await runKernel(embedding, {
      constants: { WG: 64, BLOCK: 1 },
      inputs: { tokens, rows: selected, table },
      outputs: { x: runs * rows * positions * padded(D) },
      params: paramsOf(shape, tableRun),
      items: (rows * positions * padded(D)) / 4,
      runs,
    });
    expectZeroPadding(x, runs * rows * positions, D);
    const got = unpad(x, runs * rows * positions, D);
    covered.forEach((seen, run) => {
      const want = reference.embedding(float64(tables[run]), seen, D);
      // A copy: exact.
      expectAllClose(
        got.subarray(run * want.length, (run + 1) * want.length),
        want,
        {},
        'embedding',
      );
    });
  });

  test('a token beyond the vocabulary reads the last row, not another run', async () => {
    const shape = {
      V: 3,
      D: 4,
      rows: 1,
      rolloutRows: 1,
      positions: 1,
      first: 0,
      length: 1,
      runs: 1,
    };
    const { x } = await runKernel(embedding, {
      constants: { WG: 64, BLOCK: 1 },
      inputs: {
        tokens: Uint32Array.of(3),
        rows: new Uint32Array(4),
        table: Float32Array.from({ length: 12 }, (_, i) => i),
      },
      outputs: { x: 4 },
      params: paramsOf(shape, 12),
      items: 1,
    });
    expectSameBits(x, Float32Array.of(8, 9, 10, 11));
  });
});

// Blocks as on a GPU and as on a CPU, and one that no vocabulary here is a multiple of.
const BACKWARD = [1, 3, 16].flatMap((BLOCK) => [0, 1].map((accumulate) => ({ BLOCK, accumulate })));

describe.each(BACKWARD)(
  'embedding_backward, blocks of $BLOCK, accumulate $accumulate',
  (subject) => {
    const { accumulate, BLOCK } = subject;
    const constants = { WG: 16, BLOCK };
    test.each(labelled)('V D rows rollouts positions first length R = %s', async (_, shape) => {
      const { V, D, rows, positions, runs } = shape;
      const random = source(V * 100 + D + 7);
      const { tokens, selected, covered } = batchOf(shape, random);
      const tableRun = V * padded(D) + 16;
      const N = rows * positions;
      const dX = Array.from({ length: runs }, () => Float32Array.from(random.array(N * D)));
      const before = Float32Array.from(random.array(runs * tableRun));
      const { d_table } = await runKernel(embeddingBackward, {
        constants,
        inputs: {
          tokens,
          rows: selected,
          d_x: pad(
            dX.flatMap((values) => [...values]),
            runs * N,
            D,
          ),
        },
        outputs: { d_table: before },
        params: { ...paramsOf(shape, tableRun), accumulate },
        items: embeddingBackwardItems({ constants }, V, padded(D) / 4),
        runs,
      });
      covered.forEach((seen, run) => {
        const start = run * tableRun;
        const want = reference.embeddingBackward(float64(dX[run]), seen, V, D);
        if (accumulate) {
          const old = unpad(before.subarray(start), V, D);
          want.forEach((value, i) => (want[i] = value + old[i]));
        }
        // Serial sums of at most N normal numbers below 5.
        const tolerance = { atol: (N + 1) * ROUNDING * 5, rtol: ROUNDING };
        expectAllClose(unpad(d_table.subarray(start), V, D), want, tolerance, 'embedding_backward');
        // What lies between the tables of two runs is not the kernel's.
        const gap = [start + V * padded(D), start + tableRun] as const;
        expectSameBits(d_table.subarray(...gap), before.subarray(...gap), 'gap');
      });
    });
  },
);
