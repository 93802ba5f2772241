import { describe, expect, test } from 'vitest';
import { dotProduct, reduceRows } from '../../src/gpu/kernels/reduce';
import { float32, ROUNDING } from '../../src/verify/arrays';
import { compareDotProduct, compareReduceRows } from '../../src/verify/reduce';
import { SENTINEL } from '../../src/verify/run_kernel';
import { source } from '../../src/verify/source';
import { expectAllClose, expectTwin, runKernel, testBench } from '../setup/kernel';

const CASES = [
  { rows: 1, width: 1, groups: 1, perGroup: 1, runs: 1 },
  { rows: 2, width: 1, groups: 1, perGroup: 2, runs: 3 },
  { rows: 3, width: 2, groups: 2, perGroup: 2, runs: 2 },
  { rows: 7, width: 3, groups: 7, perGroup: 1, runs: 1 },
  { rows: 16, width: 5, groups: 1, perGroup: 16, runs: 2 },
  { rows: 17, width: 5, groups: 2, perGroup: 9, runs: 3 },
  { rows: 31, width: 4, groups: 4, perGroup: 8, runs: 1 },
  { rows: 64, width: 1, groups: 8, perGroup: 8, runs: 2 },
  { rows: 65, width: 16, groups: 9, perGroup: 8, runs: 2 },
  { rows: 257, width: 3, groups: 5, perGroup: 60, runs: 1 }, // the last group gets fewer
  { rows: 5, width: 2, groups: 4, perGroup: 2, runs: 2 }, // and this one nothing
];

describe.each([0, 1] as const)('reduce_rows, accumulate %i', (accumulate) => {
  test.each(CASES)(
    '$rows rows of $width, $groups groups of $perGroup, $runs runs',
    async (subject) => {
      expectTwin(await compareReduceRows(await testBench(), subject, accumulate));
    },
  );
});

describe('reduce_rows', () => {
  test('one column group takes the maximum of numbers that are not negative', async () => {
    const [rows, width, perGroup, groups, runs] = [11, 5, 4, 3, 2];
    const values = float32(source(3).array(runs * rows * width * 4)).map(Math.abs);
    const { out } = await runKernel(reduceRows, {
      constants: { WG: 16 },
      inputs: { source: values },
      outputs: { out: runs * groups * width * 4 },
      params: {
        rows,
        width,
        groups,
        per_group: perGroup,
        out_run: groups * width,
        max_column: 3,
        accumulate: 0,
      },
      items: groups * width,
      runs,
    });
    for (let run = 0; run < runs; run++) {
      for (let g = 0; g < groups; g++) {
        for (let c = 0; c < width * 4; c++) {
          const rowsOfGroup = [0, 1, 2, 3].map((r) => g * perGroup + r).filter((r) => r < rows);
          const column = rowsOfGroup.map((r) => values[(run * rows + r) * width * 4 + c]);
          const got = out[(run * groups + g) * width * 4 + c];
          if (c >= 12 && c < 16) expect(got).toBe(Math.max(...column));
          else
            expectAllClose([got], [column.reduce((sum, x) => sum + x, 0)], { rtol: 4 * ROUNDING });
        }
      }
    }
  });
});

const DOTS = [
  { count: 1, chunks: 1, runs: 1, scale: 1 },
  { count: 2, chunks: 1, runs: 3, scale: 30 },
  { count: 3, chunks: 2, runs: 2, scale: 1 },
  { count: 16, chunks: 16, runs: 1, scale: 10 },
  { count: 17, chunks: 4, runs: 2, scale: 1 },
  { count: 65, chunks: 9, runs: 3, scale: 0 },
  { count: 257, chunks: 17, runs: 2, scale: 1 },
  { count: 3, chunks: 7, runs: 1, scale: 1 }, // more chunks than numbers
];

describe('dot_product', () => {
  test.each(DOTS)('$count vec4f in $chunks chunks, $runs runs, scale $scale', async (subject) => {
    expectTwin(await compareDotProduct(await testBench(), subject));
  });

  test('counts the numbers that are not finite, by chunk and run', async () => {
    const [count, chunks, runs] = [10, 3, 2];
    const a = new Float32Array(runs * count * 4).fill(1);
    a[3] = NaN; // run 0, chunk 0
    a[15] = Infinity;
    a[16] = -Infinity; // chunk 1
    a[count * 4 + 39] = NaN; // run 1, chunk 2
    a[count * 4] = 3.4e38; // finite
    a[count * 4 + 1] = 1e-45; // denormal
    const { partial } = await runKernel(dotProduct, {
      constants: { WG: 16 },
      inputs: { a, b: new Float32Array(a.length).fill(1e-3) },
      outputs: { partial: new Float32Array(runs * chunks * 4).fill(SENTINEL) },
      params: { count, a_run: count, b_run: count, chunks },
      items: chunks,
      runs,
    });
    const counts = Array.from({ length: runs * chunks }, (_, i) => partial[4 * i + 1]);
    expect(counts).toEqual([2, 1, 0, 0, 0, 1]);
  });
});
