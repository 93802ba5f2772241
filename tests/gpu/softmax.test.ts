import { describe, expect, test } from 'vitest';
import { MOST_SHORT, softmax, softmaxConstants, softmaxShort } from '../../src/gpu/kernels/softmax';
import { settingsBuffer } from '../../src/verify/settings';
import { compareSoftmax, compareSoftmaxShort } from '../../src/verify/softmax';
import { expectAllClose, expectTwin, runKernel, testBench } from '../setup/kernel';

const VOCABULARIES = [1, 2, 3, 4, 5, 7, 8, 9, 19, 31, 32, 33, 63, 64, 65, 127, 257];
const SCALES = [0, 1, 10, 30];
const TEMPERATURES = [0.5, 1, 1.7];
const CASES = VOCABULARIES.flatMap((V, i) =>
  SCALES.map((scale, j) => ({
    ...{ V, scale, N: [1, 2, 15, 16, 17][(i + j) % 5] },
    temperatures: TEMPERATURES.slice(0, 1 + ((i + j) % 3)),
  })),
);

describe('softmax', () => {
  test.each(CASES)('V = $V, scale $scale, $N rows, temperatures $temperatures', async (subject) => {
    expectTwin(await compareSoftmax(await testBench(), subject));
    if (subject.V <= MOST_SHORT) expectTwin(await compareSoftmaxShort(await testBench(), subject));
  });

  test.each([softmax, softmaxShort])(
    '$name: equal logits are uniform, a lone large one is certain, and nothing overflows',
    async (kernel) => {
      const rows = [
        [7, 7, 7, 7, 7],
        [1e4, 0, 0, 0, 0],
        [-3e38, 3e38, -3e38, 0, 3e38],
      ];
      const { p } = await runKernel(kernel, {
        constants: softmaxConstants(16, 5),
        inputs: {
          settings: settingsBuffer([{ temperature: 1 }]),
          logits: Float32Array.from(rows.flatMap((row) => [...row, 0, 0, 0])),
        },
        outputs: { p: 24 },
        params: { rows: 3, vocab: 5, width: 2 },
        items: 3,
      });
      const row = (n: number) => p.subarray(8 * n, 8 * n + 5);
      expectAllClose(row(0), [0.2, 0.2, 0.2, 0.2, 0.2], { rtol: 2e-7 }, 'uniform');
      expectAllClose(row(1), [1, 0, 0, 0, 0], { atol: 1e-37 }, 'certain');
      expect(row(2).every(Number.isFinite)).toBe(true);
      expectAllClose(row(2), [0, 0.5, 0, 0, 0.5], { atol: 1e-37 }, 'largest numbers');
    },
  );
});
