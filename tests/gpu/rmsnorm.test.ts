import { describe, test } from 'vitest';
import { compareRmsnorm, compareRmsnormBackward } from '../../src/verify/rmsnorm';
import { expectTwin, testBench } from '../setup/kernel';

const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 12, 20, 31, 48, 64, 65];
const SCALES = [0, 1, 10, 30];
const ROWS = [1, 2, 3, 15, 16, 17];
/** Every width at every scale; rows and runs take turns. */
const CASES = WIDTHS.flatMap((D, i) =>
  SCALES.map((scale, j) => ({ D, scale, N: ROWS[(i + j) % ROWS.length], runs: 1 + ((i + j) % 3) })),
);

const KERNELS = [
  ['rmsnorm', compareRmsnorm],
  ['rmsnorm_backward', compareRmsnormBackward],
] as const;

describe.each(KERNELS)('%s', (_, compare) => {
  test.each(CASES)('D = $D, scale $scale, $N rows, $runs runs', async (subject) => {
    expectTwin(await compare(await testBench(), subject));
  });
});
