import { describe, test } from 'vitest';
import { profileOf } from '../../src/gpu/device';
import { compareMatmulGradients, compareMatmulNT } from '../../src/verify/matmul';
import { source } from '../../src/verify/source';
import { expectTwin, testBench } from '../setup/kernel';

/** Around 1, the vec4f, the tiles of 8 and 16, and 64; primes. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 63, 64, 65];
const SCALES = [0, 1, 10, 30];

/** Every size takes every place at least once; the rest by a fixed seed. */
const CASES = (() => {
  const random = source(42);
  const all: { M: number; N: number; K: number; scale: number; runs: number }[] = [];
  const add = (M: number, N: number, K: number) =>
    all.push({ M, N, K, scale: SCALES[all.length % 4], runs: 1 + (all.length % 3) });
  for (const size of SIZES) {
    add(size, random.pick(SIZES), random.pick(SIZES));
    add(random.pick(SIZES), size, random.pick(SIZES));
    add(random.pick(SIZES), random.pick(SIZES), size);
  }
  add(1, 1, 1);
  add(8, 8, 8);
  add(9, 9, 9);
  add(257, 3, 5);
  return all;
})();

/** Tiles as on a GPU and as on a CPU, on whatever adapter. */
const PROFILES = [false, true].map((software) =>
  profileOf({ vendor: '', architecture: '', description: '', software }),
);

describe.each(PROFILES)('matmul_nt, $matmulRows rows a tile', (profile) => {
  test.each(CASES)('M N K = $M $N $K, scale $scale, $runs runs', async (subject) => {
    expectTwin(await compareMatmulNT(await testBench(profile), subject));
  });
});

describe.each(PROFILES)('matmul_gradients, $matmulRows rows a tile', (profile) => {
  test.each(CASES)(
    '$M rows, from $N to $K, scale $scale, $runs runs',
    async ({ M: rows, N: inner, K: out, scale, runs }) => {
      const subject = { rows, inner, out, scale, runs };
      expectTwin(await compareMatmulGradients(await testBench(profile), subject));
    },
  );
});
