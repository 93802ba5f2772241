import { embedding, embeddingBackward, embeddingBackwardItems } from '../gpu/kernels/embedding';
import * as reference from '../reference/embedding';
import { float64, pad, padded, ROUNDING, unpad } from './arrays';
import type { Comparison } from './compare';
import type { Bench } from './run_kernel';
import { source, type Source } from './source';
import { requireSameBits, requireZeroPadding } from './untouched';

export interface EmbeddingSubject {
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

/** Garbage that a pass must not read: token ids nowhere near the vocabulary. */
const GARBAGE = 0xfff0_0000;

function batchOf(shape: EmbeddingSubject, random: Source) {
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

/** The parameters of a pass over tables of `tableRun` numbers a run. */
export const embeddingParams = (
  { V, D, rows, rolloutRows, positions, first, length }: EmbeddingSubject,
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

export async function compareEmbedding(
  bench: Bench,
  shape: EmbeddingSubject,
): Promise<Comparison[]> {
  const { V, D, rows, positions, runs } = shape;
  const random = source(V * 100 + D);
  const { tokens, selected, covered } = batchOf(shape, random);
  const tableRun = V * padded(D) + 16;
  const tables = Array.from({ length: runs }, () => Float32Array.from(random.array(V * D)));
  const table = new Float32Array(runs * tableRun).fill(-7e7);
  tables.forEach((values, run) => table.set(pad(values, V, D), run * tableRun));
  const { x } = await bench.run(embedding, {
    constants: { WG: bench.profile.element, BLOCK: bench.profile.embeddingBlock },
    inputs: { tokens, rows: selected, table },
    outputs: { x: runs * rows * positions * padded(D) },
    params: embeddingParams(shape, tableRun),
    items: (rows * positions * padded(D)) / 4,
    runs,
  });
  requireZeroPadding(x, runs * rows * positions, D);
  const got = unpad(x, runs * rows * positions, D);
  return covered.map((seen, run) => {
    const want = reference.embedding(float64(tables[run]), seen, D);
    return {
      kernel: 'embedding',
      output: 'x',
      got: got.subarray(run * want.length, (run + 1) * want.length),
      want,
      // A copy: exact.
      tolerance: {},
    };
  });
}

export async function compareEmbeddingBackward(
  bench: Bench,
  shape: EmbeddingSubject,
  accumulate: 0 | 1,
): Promise<Comparison[]> {
  const { V, D, rows, positions, runs } = shape;
  const constants = { WG: bench.profile.row, BLOCK: bench.profile.embeddingBlock };
  const random = source(V * 100 + D + 7);
  const { tokens, selected, covered } = batchOf(shape, random);
  const tableRun = V * padded(D) + 16;
  const N = rows * positions;
  const dX = Array.from({ length: runs }, () => Float32Array.from(random.array(N * D)));
  const before = Float32Array.from(random.array(runs * tableRun));
  const { d_table } = await bench.run(embeddingBackward, {
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
    params: { ...embeddingParams(shape, tableRun), accumulate },
    items: embeddingBackwardItems({ constants }, V, padded(D) / 4),
    runs,
  });
  return covered.map((seen, run) => {
    const start = run * tableRun;
    const want = reference.embeddingBackward(float64(dX[run]), seen, V, D);
    if (accumulate) {
      const old = unpad(before.subarray(start), V, D);
      want.forEach((value, i) => (want[i] = value + old[i]));
    }
    // What lies between the tables of two runs is not the kernel's.
    const gap = [start + V * padded(D), start + tableRun] as const;
    requireSameBits(d_table.subarray(...gap), before.subarray(...gap), 'gap');
    return {
      kernel: 'embedding_backward',
      output: 'd_table',
      got: unpad(d_table.subarray(start), V, D),
      want,
      // Serial sums of at most N normal numbers below 5.
      tolerance: { atol: (N + 1) * ROUNDING * 5, rtol: ROUNDING },
    };
  });
}
