import { rmsnorm, rmsnormBackward, rmsnormBackwardItems } from '../gpu/kernels/rmsnorm';
import * as reference from '../reference/rmsnorm';
import {
  float32,
  float64,
  joined,
  joined64,
  largest,
  pad,
  padded,
  ROUNDING,
  unpad,
} from './arrays';
import type { Comparison } from './compare';
import { SENTINEL, type Bench } from './run_kernel';
import { source } from './source';
import { requireSameBits, requireZeroPadding } from './untouched';

export interface RmsnormSubject {
  readonly D: number;
  readonly scale: number;
  readonly N: number;
  readonly runs: number;
}

interface Data {
  readonly x: Float64Array;
  readonly w: Float64Array;
  readonly dY: Float64Array;
  readonly residual: Float64Array;
}

const EPS = Math.fround(1e-5);

/** One run's arrays, without padding, already rounded to f32. */
function dataOf({ D, scale, N, runs }: RmsnormSubject): Data[] {
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

const paramsOf = ({ D, N }: RmsnormSubject) => ({
  rows: N,
  width: padded(D) / 4,
  features: D,
  weight_stride: padded(D),
  weight_at: padded(D) / 4,
  eps: EPS,
  has_residual: 0,
  d_x_items: 0,
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

export async function compareRmsnorm(bench: Bench, subject: RmsnormSubject): Promise<Comparison[]> {
  const { D, N, runs } = subject;
  const data = dataOf(subject);
  const { y, scale } = await bench.run(rmsnorm, {
    constants: { WG: bench.profile.row },
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
  requireZeroPadding(y, runs * N, D);
  // The squares are positive, so their serial sum is good to D roundings and its root to half of that; then the root
  // (WGSL: 2.5 ULP), the quotient (2.5 ULP) and two products.
  const tolerance = { rtol: (D / 2 + 10) * ROUNDING };
  const want = joined64(data.map(({ x, w }) => reference.rmsnorm(x, w, EPS)));
  const scales = joined64(data.map(({ x }) => inverseRms(x, D)));
  const kernel = 'rmsnorm';
  return [
    { kernel, output: 'y', got: unpad(y, runs * N, D), want, tolerance },
    { kernel, output: 'scale', got: scale, want: scales, tolerance },
  ];
}

export async function compareRmsnormBackward(
  bench: Bench,
  subject: RmsnormSubject,
): Promise<Comparison[]> {
  const { D, N, runs } = subject;
  const data = dataOf(subject);
  const withResidual = (D + N) % 2 === 1;
  const savedScale = joined(data.map(({ x }) => inverseRms(x, D)));
  const rows = (name: 'x' | 'dY' | 'residual') =>
    joinedRows(
      data.map((run) => run[name]),
      D,
    );
  const constants = { WG: bench.profile.row };
  const width = padded(D);
  const chunks = 1 + (D % 4);
  const items = rmsnormBackwardItems({ constants }, { rows: N, chunks, width: width / 4 });
  const { d_x, d_w } = await bench.run(rmsnormBackward, {
    constants,
    inputs: {
      x: rows('x'),
      w: weightBuffer(data, D),
      saved_scale: savedScale,
      d_y: rows('dY'),
      d_residual: rows('residual'),
    },
    outputs: { d_x: runs * N * width, d_w: runs * 3 * chunks * width },
    params: {
      ...paramsOf(subject),
      has_residual: withResidual ? 1 : 0,
      d_x_items: items.dX,
      chunks,
    },
    items: items.all,
    runs,
  });
  requireZeroPadding(d_x, runs * N, D);
  const got = unpad(d_x, runs * N, D);
  const kernel = 'rmsnorm_backward';
  return data.flatMap(({ x, w, dY, residual }, run) => {
    const want = reference.rmsnormBackward(dY, x, w, EPS).dx;
    if (withResidual) want.forEach((value, i) => (want[i] = value + residual[i]));
    // Two terms of at most scale |w| |d_y| (1 + sqrt D) that may cancel; the sum of D products and 8 roundings.
    const size = largest(w) * largest(dY) * (1 + Math.sqrt(D));
    const atol = want.map(
      (_, i) => (D / 2 + 8) * ROUNDING * size * savedScale[run * N + Math.floor(i / D)],
    );
    return [
      {
        ...{ kernel, output: 'd_x', got: got.subarray(run * N * D, (run + 1) * N * D), want },
        tolerance: { atol, rtol: 2 * ROUNDING },
      },
      ...weightGradients(subject, { x, w, dY }, d_w.subarray(run * 3 * chunks * width), chunks),
    ];
  });
}

/** The gradient of one run's weights, a part for each chunk of rows; the other two norms of the run stay untouched. */
function weightGradients(
  { D, N }: RmsnormSubject,
  { x, w, dY }: Pick<Data, 'x' | 'w' | 'dY'>,
  d_w: Float32Array<ArrayBuffer>,
  chunks: number,
): Comparison[] {
  const width = padded(D);
  const other = new Float32Array(chunks * width).fill(SENTINEL);
  for (const group of [0, 2]) {
    const at = group * chunks * width;
    requireSameBits(d_w.subarray(at, at + chunks * width), other, `norm ${group}`);
  }
  const perChunk = Math.ceil(N / chunks);
  return Array.from({ length: chunks }, (_, chunk) => {
    const from = Math.min(chunk * perChunk, N) * D;
    const to = Math.min((chunk + 1) * perChunk, N) * D;
    const at = (chunks + chunk) * width;
    const got = d_w.subarray(at, at + width);
    requireZeroPadding(got, 1, D);
    // N products of d_y and a number below sqrt D, three roundings each.
    const atol = (perChunk + 3) * ROUNDING * largest(dY) * Math.sqrt(D);
    return {
      kernel: 'rmsnorm_backward',
      output: 'd_w',
      got: unpad(got, 1, D),
      want: reference.rmsnormBackward(dY.subarray(from, to), x.subarray(from, to), w, EPS).dWeight,
      tolerance: { atol },
    };
  });
}
