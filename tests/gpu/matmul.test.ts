import { describe, test } from 'vitest';
import { profileOf } from '../../src/gpu/device';
import {
  matmulConstants,
  matmulItems,
  matmulNN,
  matmulNT,
  matmulTN,
} from '../../src/gpu/kernels/matmul';
import { matmulNn, matmulNt, matmulTn } from '../../src/reference/matmul';
import {
  expectAllClose,
  expectSameBits,
  expectZeroPadding,
  float32,
  float64,
  largest,
  pad,
  padded,
  runKernel,
  SENTINEL,
  ROUNDING,
  unpad,
} from '../setup/kernel';
import { source } from '../unit/reference_support';

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

/** A serial sum of K products, each product and each sum rounded; 4 for the order within a vec4f. */
const atolOf = (K: number, a: Float64Array, b: Float64Array) =>
  4 * K * ROUNDING * largest(a) * largest(b);

/** Between the matrices of two runs lie so many numbers that are not theirs. */
const GAP = 12;

/** One matrix a run, padded, `GAP` apart: the gaps hold the sentinel. */
function apart(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const stride = parts[0].length + GAP;
  const out = new Float32Array(parts.length * stride).fill(SENTINEL);
  parts.forEach((part, run) => out.set(part, run * stride));
  return out;
}

function expectGaps(values: Float32Array<ArrayBuffer>, stride: number): void {
  const gap = new Float32Array(GAP).fill(SENTINEL);
  for (let end = stride; end <= values.length; end += stride) {
    expectSameBits(values.subarray(end - GAP, end), gap, 'between runs');
  }
}

/** Tiles as on a GPU and as on a CPU, on whatever adapter. */
const PROFILES = [false, true].map((software) => {
  const facts = { vendor: '', architecture: '', description: '', software };
  const constants = matmulConstants(profileOf(facts));
  return { constants, rows: constants.ROWS };
});

function matrices(seed: number, runs: number, size: number, scale: number): Float64Array[] {
  const random = source(seed);
  return Array.from({ length: runs }, () => float64(float32(random.array(size, scale))));
}

describe.each(PROFILES)('matmul_nt, $rows rows a tile', ({ constants }) => {
  test.each(CASES)(
    'M N K = $M $N $K, scale $scale, $runs runs',
    async ({ M, N, K, scale, runs }) => {
      const seed = M * 10_000 + N * 100 + K;
      const a = matrices(seed, runs, M * K, scale);
      const withAddend = (M + N) % 2 === 0;
      const addend = matrices(seed + 2, runs, M * N, scale);
      // Every fourth case: all runs share one b (run stride 0).
      const shared = K % 4 === 3;
      const b = matrices(seed + 1, shared ? 1 : runs, N * K, 1);
      const [k4, n4] = [padded(K), padded(N)];
      // Rows N.. of b are padding, zero as in a parameter block.
      const bRows = b.map((values) => pad(pad(values, N, K), 1, N * k4, n4 * k4));
      const cRun = M * n4 + GAP;
      const { c } = await runKernel(matmulNT, {
        constants,
        inputs: {
          a: apart(a.map((values) => pad(values, M, K))),
          b: apart(bRows),
          addend: withAddend
            ? apart(addend.map((values) => pad(values, M, N)))
            : new Float32Array(4),
        },
        outputs: { c: runs * cRun },
        params: {
          m: M,
          n4: n4 / 4,
          k: k4 / 4,
          a_row: k4 / 4,
          b_row: k4 / 4,
          c_row: n4 / 4,
          a_run: (M * k4 + GAP) / 4,
          b_run: shared ? 0 : (n4 * k4 + GAP) / 4,
          c_run: cRun / 4,
          add: withAddend ? 1 : 0,
        },
        items: matmulItems({ constants }, M, n4),
        runs,
      });
      expectGaps(c, cRun);
      for (let run = 0; run < runs; run++) {
        const got = c.subarray(run * cRun, run * cRun + M * n4);
        const weights = b[shared ? 0 : run];
        const want = matmulNt(a[run], weights, M, N, K, withAddend ? addend[run] : undefined);
        const tolerance = { atol: atolOf(K, a[run], weights), rtol: ROUNDING };
        expectAllClose(unpad(got, M, N), want, tolerance, 'matmul_nt');
        expectZeroPadding(got, M, N);
      }
    },
  );
});

describe.each(PROFILES)('matmul_nn, $rows rows a tile', ({ constants }) => {
  test.each(CASES)(
    'M N K = $M $N $K, scale $scale, $runs runs',
    async ({ M, N, K, scale, runs }) => {
      const seed = M * 10_000 + N * 100 + K + 7;
      const a = matrices(seed, runs, M * K, scale);
      const b = matrices(seed + 1, runs, K * N, 1);
      const [k4, n4] = [padded(K), padded(N)];
      const cRun = M * n4 + GAP;
      const { c } = await runKernel(matmulNN, {
        constants,
        inputs: {
          a: apart(a.map((values) => pad(values, M, K))),
          b: apart(b.map((values) => pad(pad(values, K, N), 1, K * n4, k4 * n4))),
        },
        outputs: { c: runs * cRun },
        params: {
          m: M,
          n4: n4 / 4,
          k: k4 / 4,
          a_row: k4 / 4,
          b_row: n4 / 4,
          c_row: n4 / 4,
          a_run: (M * k4 + GAP) / 4,
          b_run: (k4 * n4 + GAP) / 4,
          c_run: cRun / 4,
          add: 0,
        },
        items: matmulItems({ constants }, M, n4),
        runs,
      });
      expectGaps(c, cRun);
      for (let run = 0; run < runs; run++) {
        const got = c.subarray(run * cRun, run * cRun + M * n4);
        const want = matmulNn(a[run], b[run], M, N, K);
        expectAllClose(unpad(got, M, N), want, { atol: atolOf(K, a[run], b[run]) }, 'matmul_nn');
        expectZeroPadding(got, M, N);
      }
    },
  );
});

describe.each(PROFILES)('matmul_tn, $rows rows a tile', ({ constants }) => {
  test.each(CASES)(
    'M N K = $M $N $K, scale $scale, $runs runs',
    async ({ M, N, K, scale, runs }) => {
      const seed = M * 10_000 + N * 100 + K + 13;
      const a = matrices(seed, runs, K * M, scale);
      const b = matrices(seed + 1, runs, K * N, 1);
      const accumulate = (M + K) % 2 === 0;
      const before = matrices(seed + 2, runs, M * N, scale);
      const [m4, n4] = [padded(M), padded(N)];
      // Rows M.. of c are padding too: the engine computes them, from zero columns of a.
      const old = before.map((values) =>
        accumulate
          ? pad(pad(values, M, N), 1, M * n4, m4 * n4)
          : new Float32Array(m4 * n4).fill(SENTINEL),
      );
      const cRun = m4 * n4 + GAP;
      const { c } = await runKernel(matmulTN, {
        constants,
        inputs: {
          a: apart(a.map((values) => pad(values, K, M))),
          b: apart(b.map((values) => pad(values, K, N))),
        },
        outputs: { c: apart(old) },
        params: {
          m: m4,
          n4: n4 / 4,
          k: K,
          a_row: m4 / 4,
          b_row: n4 / 4,
          c_row: n4 / 4,
          a_run: (K * m4 + GAP) / 4,
          b_run: (K * n4 + GAP) / 4,
          c_run: cRun / 4,
          add: accumulate ? 1 : 0,
        },
        items: matmulItems({ constants }, m4, n4),
        runs,
      });
      expectGaps(c, cRun);
      for (let run = 0; run < runs; run++) {
        const got = c.subarray(run * cRun, run * cRun + m4 * n4);
        const want = matmulTn(a[run], b[run], M, N, K, accumulate ? before[run] : undefined);
        const tolerance = { atol: atolOf(K, a[run], b[run]), rtol: ROUNDING };
        expectAllClose(unpad(got, M, N), want, tolerance, 'matmul_tn');
        expectZeroPadding(got, M, N);
        expectZeroPadding(got, 1, M * n4, m4 * n4);
      }
    },
  );
});
