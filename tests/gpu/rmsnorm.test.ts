import { describe, test } from 'vitest';
import { rmsnorm, rmsnormBackward, rmsnormBackwardWeight } from '../../src/gpu/kernels/rmsnorm';
import * as reference from '../../src/reference/rmsnorm';
import {
  expectAllClose,
  expectSameBits,
  expectZeroPadding,
  float32,
  float64,
  joined,
  largest,
  pad,
  padded,
  runKernel,
  SENTINEL,
  ROUNDING,
  unpad,
} from '../setup/kernel';
import { source } from '../unit/reference_support';

const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 12, 20, 31, 48, 64, 65];
const SCALES = [0, 1, 10, 30];
const ROWS = [1, 2, 3, 15, 16, 17];
const EPS = Math.fround(1e-5);

/** Every width at every scale; rows and runs take turns. */
const CASES = WIDTHS.flatMap((D, i) =>
  SCALES.map((scale, j) => ({ D, scale, N: ROWS[(i + j) % ROWS.length], runs: 1 + ((i + j) % 3) })),
);

interface Data {
  readonly x: Float64Array;
  readonly w: Float64Array;
  readonly dY: Float64Array;
  readonly residual: Float64Array;
}

/** One run's arrays, without padding, already rounded to f32. */
function dataOf({ D, scale, N, runs }: (typeof CASES)[number]): Data[] {
  const random = source(1000 * D + scale);
  const array = (n: number, by = 1) => float64(float32(random.array(n, by)));
  return Array.from({ length: runs }, () => ({
    x: array(N * D, scale),
    w: array(D),
    dY: array(N * D),
    residual: array(N * D),
  }));
}

/** The weights of norm 1 of 3, as they lie in a run's parameters. */
function weightBuffer(data: readonly Data[], D: number): Float32Array<ArrayBuffer> {
  const width = padded(D);
  const parts = data.map(({ w }) => {
    const run = new Float32Array(4 * width).fill(3e7);
    run.set(pad(w, 1, D), width);
    return run;
  });
  return joined(parts);
}

const paramsOf = ({ D, N }: (typeof CASES)[number]) => ({
  rows: N,
  width: padded(D) / 4,
  features: D,
  weight_stride: padded(D),
  weight_at: padded(D) / 4,
  eps: EPS,
  has_residual: 0,
  chunks: 0,
  group: 1,
  groups: 3,
});

const joinedRows = (parts: readonly Float64Array[], D: number) =>
  pad(joined(parts), parts.reduce((sum, part) => sum + part.length, 0) / D, D);

const inverseRms = (x: Float64Array, D: number) =>
  Float64Array.from({ length: x.length / D }, (_, n) => {
    const row = x.subarray(n * D, (n + 1) * D);
    return 1 / Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / D + EPS);
  });

describe('rmsnorm', () => {
  test.each(CASES)('D = $D, scale $scale, $N rows, $runs runs', async (subject) => {
    const { D, N, runs } = subject;
    const data = dataOf(subject);
    const { y, scale } = await runKernel(rmsnorm, {
      constants: { WG: 16 },
      inputs: {
        x: joinedRows(
          data.map(({ x }) => x),
          D,
        ),
        w: weightBuffer(data, D),
      },
      outputs: { y: runs * N * padded(D), scale: runs * N },
      params: paramsOf(subject),
      items: N,
      runs,
    });
    expectZeroPadding(y, runs * N, D);
    // The squares are positive, so their serial sum is good to D roundings and its root to half of that; then the root
    // (WGSL: 2.5 ULP), the quotient (2.5 ULP) and two products.
    const rtol = (D / 2 + 10) * ROUNDING;
    const want = data.map(({ x, w }) => reference.rmsnorm(x, w, EPS));
    expectAllClose(unpad(y, runs * N, D), joined64(want), { rtol }, 'rmsnorm y');
    const scales = data.map(({ x }) => inverseRms(x, D));
    expectAllClose(scale, joined64(scales), { rtol }, 'rmsnorm scale');
  });
});

function joined64(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

describe('rmsnorm_backward', () => {
  test.each(CASES)('D = $D, scale $scale, $N rows, $runs runs', async (subject) => {
    const { D, N, runs } = subject;
    const data = dataOf(subject);
    const withResidual = (D + N) % 2 === 1;
    const savedScale = joined(data.map(({ x }) => inverseRms(x, D)));
    const { d_x } = await runKernel(rmsnormBackward, {
      constants: { WG: 16 },
      inputs: {
        x: joinedRows(
          data.map(({ x }) => x),
          D,
        ),
        w: weightBuffer(data, D),
        saved_scale: savedScale,
        d_y: joinedRows(
          data.map(({ dY }) => dY),
          D,
        ),
        d_residual: joinedRows(
          data.map(({ residual }) => residual),
          D,
        ),
      },
      outputs: { d_x: runs * N * padded(D) },
      params: { ...paramsOf(subject), has_residual: withResidual ? 1 : 0 },
      items: N,
      runs,
    });
    expectZeroPadding(d_x, runs * N, D);
    const got = unpad(d_x, runs * N, D);
    data.forEach(({ x, w, dY, residual }, run) => {
      const want = reference.rmsnormBackward(dY, x, w, EPS).dx;
      if (withResidual) want.forEach((value, i) => (want[i] = value + residual[i]));
      // Two terms of at most scale |w| |d_y| (1 + sqrt D) that may cancel; the sum of D products and 8 roundings.
      const size = largest(w) * largest(dY) * (1 + Math.sqrt(D));
      const atol = want.map(
        (_, i) => (D / 2 + 8) * ROUNDING * size * savedScale[run * N + Math.floor(i / D)],
      );
      expectAllClose(
        got.subarray(run * N * D, (run + 1) * N * D),
        want,
        { atol, rtol: 2 * ROUNDING },
        'rmsnorm d_x',
      );
    });
  });
});

describe('rmsnorm_backward_weight', () => {
  test.each(CASES)('D = $D, scale $scale, $N rows, $runs runs', async (subject) => {
    const { D, N, runs } = subject;
    const data = dataOf(subject);
    const width = padded(D);
    const chunks = 1 + (D % 4);
    const { d_w } = await runKernel(rmsnormBackwardWeight, {
      constants: { WG: 16 },
      inputs: {
        x: joinedRows(
          data.map(({ x }) => x),
          D,
        ),
        saved_scale: joined(data.map(({ x }) => inverseRms(x, D))),
        d_y: joinedRows(
          data.map(({ dY }) => dY),
          D,
        ),
      },
      outputs: { d_w: runs * 3 * chunks * width },
      params: { ...paramsOf(subject), chunks },
      items: (chunks * width) / 4,
      runs,
    });
    const perChunk = Math.ceil(N / chunks);
    data.forEach(({ x, w, dY }, run) => {
      for (let chunk = 0; chunk < chunks; chunk++) {
        const from = Math.min(chunk * perChunk, N) * D;
        const to = Math.min((chunk + 1) * perChunk, N) * D;
        const want = reference.rmsnormBackward(
          dY.subarray(from, to),
          x.subarray(from, to),
          w,
          EPS,
        ).dWeight;
        const at = ((run * 3 + 1) * chunks + chunk) * width;
        // N products of d_y and a number below sqrt D, three roundings each.
        const atol = (perChunk + 3) * ROUNDING * largest(dY) * Math.sqrt(D);
        expectAllClose(unpad(d_w.subarray(at, at + width), 1, D), want, { atol }, 'rmsnorm d_w');
        expectZeroPadding(d_w.subarray(at, at + width), 1, D);
      }
      // The other two norms of this run.
      const other = new Float32Array(chunks * width).fill(SENTINEL);
      for (const group of [0, 2]) {
        const at = (run * 3 + group) * chunks * width;
        expectSameBits(d_w.subarray(at, at + chunks * width), other, `norm ${group}`);
      }
    });
  });
});
