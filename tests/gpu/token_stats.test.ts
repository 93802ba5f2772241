import { describe, test } from 'vitest';
import { tokenStats } from '../../src/gpu/kernels/token_stats';
import { padded } from '../../src/verify/arrays';
import {
  passBuffers,
  planeOf,
  randomPass,
  wholeRows,
  type PassShape,
} from '../../src/verify/rollout_pass';
import { SENTINEL } from '../../src/verify/run_kernel';
import { settingsBuffer } from '../../src/verify/settings';
import { source } from '../../src/verify/source';
import { compareTokenStats, statsOf, twinStats } from '../../src/verify/token_stats';
import { expectAllClose, expectSameBits, expectTwin, runKernel, testBench } from '../setup/kernel';

const VOCABULARIES = [1, 2, 3, 5, 19, 31, 32, 33, 63, 64, 65, 127, 257];
const SCALES = [0, 1, 10, 30];
const TEMPERATURES = [0.5, 1, 1.7];

const CASES = VOCABULARIES.flatMap((V, i) =>
  SCALES.map((scale, j) => ({ V, scale, length: [2, 3, 8][(i + j) % 3], runs: 1 + ((i + j) % 3) })),
);

describe('token_stats', () => {
  test.each(CASES)(
    'V = $V, scale $scale, length $length, $runs runs',
    async ({ V, scale, length, runs }) => {
      const random = source(V * 100 + scale);
      const shape = wholeRows(V, 1 + (V % 4), length, runs);
      const passes = Array.from({ length: runs }, () => randomPass(shape, random, scale));
      const temperatures = TEMPERATURES.slice(0, runs);
      expectTwin(await compareTokenStats(await testBench(), shape, passes, temperatures, scale));
    },
  );

  test('equal logits are uniform, a lone large one is certain, very unlikely tokens stay finite', async () => {
    const shape: PassShape = { ...wholeRows(6, 1, 4, 1), rolloutRows: 1 };
    const logits = Float64Array.of(7, 7, 7, 7, 7, 7, 1000, 0, 0, 0, 0, 0, -1000, 1000, 0, 0, 0, 0);
    const pass = { spans: [[0, 1, 4] as const], tokens: [0, 2, 0, 0], logits };
    const got = await statsOf(await testBench(), shape, [pass], [1]);
    const plane = planeOf(shape);
    // 2 |z| 2^-24 at |z| = 2000.
    const logprobs = [-Math.log(6), 0, -2000];
    expectAllClose(got.subarray(1, 4), logprobs, { atol: 2e-6, rtol: 2e-7 }, 'token_stats ends');
    const entropies = [Math.log(6), 0, 0];
    expectAllClose(
      got.subarray(plane + 1, plane + 4),
      entropies,
      { atol: 2e-6 },
      'token_stats ends',
    );
  });

  test('a pass over some positions writes those alone', async () => {
    const shape: PassShape = {
      V: 9,
      rows: 3,
      rolloutRows: 4,
      length: 9,
      first: 2,
      positions: 3,
      runs: 2,
    };
    const random = source(77);
    const passes = [randomPass(shape, random, 3), randomPass(shape, random, 3)];
    const got = await statsOf(await testBench(), shape, passes, [1, 0.8]);
    expectAllClose(got, twinStats(shape, passes, [1, 0.8]), { atol: 1e-5 }, 'token_stats logprob');
  });

  test('equal planes: the log-probability alone, and its plane alone', async () => {
    const shape = wholeRows(9, 3, 6, 2);
    const random = source(78);
    const passes = [randomPass(shape, random, 3), randomPass(shape, random, 3)];
    const plane = planeOf(shape);
    const both = await statsOf(await testBench(), shape, passes, [1, 0.8]);
    const one = await statsOf(await testBench(), shape, passes, [1, 0.8], { planes: [2, 2] });
    expectSameBits(one.subarray(2 * plane, 3 * plane), both.subarray(0, plane), 'logprob');
    const rest = new Float32Array(plane).fill(SENTINEL);
    for (const other of [0, 1, 3])
      expectSameBits(one.subarray(other * plane, (other + 1) * plane), rest);
  });

  test('padding of the vocabulary changes no bit', async () => {
    const shape = wholeRows(5, 2, 5, 1);
    const pass = randomPass(shape, source(79), 4);
    const { stride, ...inputs } = passBuffers(shape, [pass]);
    const results = [];
    for (const garbage of [-1e30, 0, 1e30]) {
      const logits = inputs.logits.map((z, i) => (i % stride < 5 ? z : garbage));
      results.push(
        await runKernel(tokenStats, {
          constants: { WG: 16 },
          inputs: { ...inputs, logits, settings: settingsBuffer([{}]) },
          outputs: { record: 4 * planeOf(shape) },
          params: {
            rows: 2,
            positions: 4,
            first: 0,
            length: 5,
            rollout_rows: shape.rolloutRows,
            vocab: 5,
            vocab_stride: padded(5),
            plane: planeOf(shape),
            logprob_plane: 0,
            entropy_plane: 1,
          },
          items: 8,
        }),
      );
    }
    expectSameBits(results[1].record, results[0].record);
    expectSameBits(results[2].record, results[0].record);
  });
});
