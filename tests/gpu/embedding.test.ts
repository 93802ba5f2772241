import { describe, test } from 'vitest';
import { embedding } from '../../src/gpu/kernels/embedding';
import {
  compareEmbedding,
  compareEmbeddingBackward,
  embeddingParams,
  type EmbeddingSubject,
} from '../../src/verify/embedding';
import { expectSameBits, expectTwin, runKernel, testBench } from '../setup/kernel';

const SHAPES: readonly EmbeddingSubject[] = [
  { V: 1, D: 1, rows: 1, rolloutRows: 1, positions: 1, first: 0, length: 1, runs: 1 },
  { V: 2, D: 2, rows: 1, rolloutRows: 2, positions: 1, first: 2, length: 3, runs: 2 },
  { V: 3, D: 3, rows: 2, rolloutRows: 3, positions: 2, first: 0, length: 3, runs: 3 },
  { V: 7, D: 4, rows: 3, rolloutRows: 3, positions: 5, first: 1, length: 8, runs: 2 },
  { V: 13, D: 5, rows: 2, rolloutRows: 5, positions: 7, first: 0, length: 8, runs: 1 },
  { V: 19, D: 12, rows: 5, rolloutRows: 7, positions: 11, first: 0, length: 12, runs: 3 },
  { V: 64, D: 20, rows: 3, rolloutRows: 4, positions: 23, first: 0, length: 24, runs: 2 },
  { V: 257, D: 65, rows: 4, rolloutRows: 4, positions: 3, first: 4, length: 9, runs: 2 },
];

const labelled = SHAPES.map((shape) => [Object.values(shape).join(' '), shape] as const);

describe('embedding', () => {
  test.each(labelled)('V D rows rollouts positions first length R = %s', async (_, shape) => {
    expectTwin(await compareEmbedding(await testBench(), shape));
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
      params: embeddingParams(shape, 12),
      items: 1,
    });
    expectSameBits(x, Float32Array.of(8, 9, 10, 11));
  });
});

// Blocks as on a GPU and as on a CPU, and one that no vocabulary here is a multiple of.
const BACKWARD = [1, 3, 16].flatMap((block) =>
  ([0, 1] as const).map((accumulate) => ({ block, accumulate })),
);

describe.each(BACKWARD)(
  'embedding_backward, blocks of $block, accumulate $accumulate',
  ({ block, accumulate }) => {
    test.each(labelled)('V D rows rollouts positions first length R = %s', async (_, shape) => {
      const bench = await testBench({ embeddingBlock: block });
      expectTwin(await compareEmbeddingBackward(bench, shape, accumulate));
    });
  },
);
