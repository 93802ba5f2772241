import { describe, test } from 'vitest';
import { compareSwiglu, compareSwigluBackward } from '../../src/verify/swiglu';
import { expectTwin, testBench } from '../setup/kernel';

const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 31, 64, 65];
/** At 100 the sigmoid is 0 or 1 and e^x is clamped. */
const SCALES = [0, 1, 10, 30, 100];

const CASES = WIDTHS.flatMap((F, i) =>
  SCALES.map((scale, j) => ({
    F,
    scale,
    N: [1, 2, 7, 17][(i + j) % 4],
    runs: 1 + ((i + 2 * j) % 3),
  })),
);

const KERNELS = [
  ['swiglu', compareSwiglu],
  ['swiglu_backward', compareSwigluBackward],
] as const;

describe.each(KERNELS)('%s', (_, compare) => {
  test.each(CASES)('F = $F, scale $scale, $N rows, $runs runs', async (subject) => {
    expectTwin(await compare(await testBench(), subject));
  });
});
