import { matmulConstants, matmulItems, matmulNN, matmulNT, matmulTN } from '../gpu/kernels/matmul';
import { matmulNn, matmulNt, matmulTn } from '../reference/matmul';
import { float32, float64, largest, pad, padded, ROUNDING, unpad } from './arrays';
import type { Comparison } from './compare';
import { SENTINEL, type Bench } from './run_kernel';
import { source } from './source';
import { requireSameBits, requireZeroPadding } from './untouched';

/** An (M, N) product over K. */
export interface MatmulSubject {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly scale: number;
  readonly runs: number;
}

/** A serial sum of K products, each product and each sum rounded; 4 for the order within a vec4f. */
const atolOf = (K: number, a: Float64Array, b: Float64Array) =>
  4 * K * ROUNDING * largest(a) * largest(b);

/** Between the matrices of two runs lie so many numbers that are not theirs. */
const GAP = 12;

/** One matrix a run, padded, `GAP` apart: the gaps hold the sentinel. */
function apart(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const stride = (parts[0]?.length ?? 0) + GAP;
  const out = new Float32Array(parts.length * stride).fill(SENTINEL);
  parts.forEach((part, run) => out.set(part, run * stride));
  return out;
}

function requireGaps(values: Float32Array<ArrayBuffer>, stride: number): void {
  const gap = new Float32Array(GAP).fill(SENTINEL);
  for (let end = stride; end <= values.length; end += stride) {
    requireSameBits(values.subarray(end - GAP, end), gap, 'between runs');
  }
}

function matrices(seed: number, runs: number, size: number, scale: number): Float64Array[] {
  const random = source(seed);
  return Array.from({ length: runs }, () => float64(float32(random.array(size, scale))));
}

const indices = (runs: number) => Array.from({ length: runs }, (_, run) => run);

/** Of some cases the addend is used, of every fourth all runs share one b (run stride 0): by M, N and K. */
export async function compareMatmulNT(
  bench: Bench,
  { M, N, K, scale, runs }: MatmulSubject,
): Promise<Comparison[]> {
  const constants = matmulConstants(bench.profile);
  const seed = M * 10_000 + N * 100 + K;
  const a = matrices(seed, runs, M * K, scale);
  const withAddend = (M + N) % 2 === 0;
  const addend = matrices(seed + 2, runs, M * N, scale);
  const shared = K % 4 === 3;
  const b = matrices(seed + 1, shared ? 1 : runs, N * K, 1);
  const [k4, n4] = [padded(K), padded(N)];
  // Rows N.. of b are padding, zero as in a parameter block.
  const bRows = b.map((values) => pad(pad(values, N, K), 1, N * k4, n4 * k4));
  const cRun = M * n4 + GAP;
  const { c } = await bench.run(matmulNT, {
    constants,
    inputs: {
      a: apart(a.map((values) => pad(values, M, K))),
      b: apart(bRows),
      addend: withAddend ? apart(addend.map((values) => pad(values, M, N))) : new Float32Array(4),
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
  requireGaps(c, cRun);
  return indices(runs).map((run) => {
    const got = c.subarray(run * cRun, run * cRun + M * n4);
    requireZeroPadding(got, M, N);
    const weights = b[shared ? 0 : run];
    return {
      kernel: 'matmul_nt',
      output: 'c',
      got: unpad(got, M, N),
      want: matmulNt(a[run], weights, M, N, K, withAddend ? addend[run] : undefined),
      tolerance: { atol: atolOf(K, a[run], weights), rtol: ROUNDING },
    };
  });
}

export async function compareMatmulNN(
  bench: Bench,
  { M, N, K, scale, runs }: MatmulSubject,
): Promise<Comparison[]> {
  const constants = matmulConstants(bench.profile);
  const seed = M * 10_000 + N * 100 + K + 7;
  const a = matrices(seed, runs, M * K, scale);
  const b = matrices(seed + 1, runs, K * N, 1);
  const [k4, n4] = [padded(K), padded(N)];
  const cRun = M * n4 + GAP;
  const { c } = await bench.run(matmulNN, {
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
  requireGaps(c, cRun);
  return indices(runs).map((run) => {
    const got = c.subarray(run * cRun, run * cRun + M * n4);
    requireZeroPadding(got, M, N);
    return {
      kernel: 'matmul_nn',
      output: 'c',
      got: unpad(got, M, N),
      want: matmulNn(a[run], b[run], M, N, K),
      tolerance: { atol: atolOf(K, a[run], b[run]) },
    };
  });
}

/** Where M + K is even the product is added to what c holds. */
export async function compareMatmulTN(
  bench: Bench,
  { M, N, K, scale, runs }: MatmulSubject,
): Promise<Comparison[]> {
  const constants = matmulConstants(bench.profile);
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
  const { c } = await bench.run(matmulTN, {
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
  requireGaps(c, cRun);
  return indices(runs).map((run) => {
    const got = c.subarray(run * cRun, run * cRun + m4 * n4);
    requireZeroPadding(got, M, N);
    requireZeroPadding(got, 1, M * n4, m4 * n4);
    return {
      kernel: 'matmul_tn',
      output: 'c',
      got: unpad(got, M, N),
      want: matmulTn(a[run], b[run], M, N, K, accumulate ? before[run] : undefined),
      tolerance: { atol: atolOf(K, a[run], b[run]), rtol: ROUNDING },
    };
  });
}
