import {
  gradientItems,
  matmulConstants,
  matmulGradients,
  matmulItems,
  matmulNT,
} from '../gpu/kernels/matmul';
import { matmulNn, matmulNt, matmulTn } from '../reference/matmul';
import { float32, float64, joined, largest, pad, padded, ROUNDING, unpad } from './arrays';
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

/** Gradients of a layer from `inner` to `out` numbers on `rows` rows. */
export interface GradientsSubject {
  readonly rows: number;
  readonly out: number;
  readonly inner: number;
  readonly scale: number;
  readonly runs: number;
}

/** Where rows + out is even the gradient of the weights is added to what is there, where rows + inner is, that of the input. */
export async function compareMatmulGradients(
  bench: Bench,
  { rows, out, inner, scale, runs }: GradientsSubject,
): Promise<Comparison[]> {
  const constants = matmulConstants(bench.profile);
  const seed = rows * 10_000 + inner * 100 + out + 7;
  const dY = matrices(seed, runs, rows * out, scale);
  const w = matrices(seed + 1, runs, out * inner, 1);
  const x = matrices(seed + 2, runs, rows * inner, 1);
  const before = matrices(seed + 3, runs, out * inner, scale);
  const beforeX = matrices(seed + 4, runs, rows * inner, scale);
  const add = (rows + out) % 2 === 0;
  const addX = (rows + inner) % 2 === 0;
  const [out4, in4] = [padded(out), padded(inner)];
  /** Rows from `out` on are padding: zero as in a parameter block, and computed from zero columns of d_y. */
  const inBlock = (values: Float64Array) => pad(pad(values, out, inner), 1, out * in4, out4 * in4);
  const old = before.map((values) =>
    add ? inBlock(values) : new Float32Array(out4 * in4).fill(SENTINEL),
  );
  const oldX = beforeX.map((values) =>
    addX ? pad(values, rows, inner) : new Float32Array(rows * in4).fill(SENTINEL),
  );
  const wRun = out4 * in4 + GAP;
  const tail = new Float32Array(constants.ROWS * in4).fill(SENTINEL);
  const items = gradientItems({ constants }, { rows, out: out4, inner: in4 });
  const { d_x, d_w } = await bench.run(matmulGradients, {
    constants,
    inputs: {
      d_y: joined(dY.map((values) => pad(values, rows, out))),
      w: apart(w.map(inBlock)),
      x: joined(x.map((values) => pad(values, rows, inner))),
    },
    // A tile that writes rows past the last would be overwritten by the next run, but for that of the last run.
    outputs: { d_x: joined([...oldX, tail]), d_w: apart(old) },
    params: {
      rows,
      out4: out4 / 4,
      in4: in4 / 4,
      w_run: wRun / 4,
      d_x_items: items.dX,
      add: add ? 1 : 0,
      add_x: addX ? 1 : 0,
    },
    items: items.all,
    runs,
  });
  requireGaps(d_w, wRun);
  requireSameBits(d_x.subarray(runs * rows * in4), tail, 'after the last run');
  const kernel = 'matmul_gradients';
  return indices(runs).flatMap((run) => {
    const dX = d_x.subarray(run * rows * in4, (run + 1) * rows * in4);
    const dW = d_w.subarray(run * wRun, run * wRun + out4 * in4);
    requireZeroPadding(dX, rows, inner);
    requireZeroPadding(dW, out, inner);
    requireZeroPadding(dW, 1, out * in4, out4 * in4);
    return [
      {
        ...{ kernel, output: 'd_x', got: unpad(dX, rows, inner) },
        want: matmulNn(dY[run], w[run], rows, inner, out, addX ? beforeX[run] : undefined),
        tolerance: { atol: atolOf(out, dY[run], w[run]), rtol: ROUNDING },
      },
      {
        ...{ kernel, output: 'd_w', got: unpad(dW, out, inner) },
        want: matmulTn(dY[run], x[run], out, inner, rows, add ? before[run] : undefined),
        tolerance: { atol: atolOf(rows, dY[run], x[run]), rtol: ROUNDING },
      },
    ];
  });
}
