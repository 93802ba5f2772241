import { softmax, softmaxConstants, softmaxShort } from '../gpu/kernels/softmax';
import * as reference from '../reference/softmax';
import { float32, float64, joined, largest, pad, padded, ROUNDING, unpad } from './arrays';
import type { Comparison } from './compare';
import type { Bench } from './run_kernel';
import { settingsBuffer } from './settings';
import { source } from './source';
import { requireZeroPadding } from './untouched';

export interface SoftmaxSubject {
  readonly V: number;
  readonly N: number;
  /** Of the logits. */
  readonly scale: number;
  /** One for each run. */
  readonly temperatures: readonly number[];
}

/** Padding of the logits holds numbers that would show if they were read as logits. */
const STRAY = 1e30;

/** The kernel for rows of any length. */
export function compareSoftmax(bench: Bench, subject: SoftmaxSubject): Promise<Comparison[]> {
  return compare(bench, subject, softmax);
}

/** The one that holds a row in registers: V is at most MOST_SHORT. */
export function compareSoftmaxShort(bench: Bench, subject: SoftmaxSubject): Promise<Comparison[]> {
  return compare(bench, subject, softmaxShort);
}

async function compare(
  bench: Bench,
  { V, N, scale, temperatures }: SoftmaxSubject,
  kernel: typeof softmax,
): Promise<Comparison[]> {
  const random = source(V * 1000 + N * 10 + scale);
  const runs = temperatures.length;
  const stride = padded(V);
  const logits = temperatures.map(() => float64(float32(random.array(N * V, scale))));
  const { p } = await bench.run(kernel, {
    constants: softmaxConstants(bench.profile.row, kernel === softmaxShort ? V : 1),
    inputs: {
      settings: settingsBuffer(temperatures.map((temperature) => ({ temperature }))),
      logits: joined(logits.map((own) => strayed(pad(own, N, V), V, stride))),
    },
    outputs: { p: runs * N * stride },
    params: { rows: N, vocab: V, width: stride / 4 },
    items: N,
    runs,
  });
  requireZeroPadding(p, runs * N, V);
  const got = unpad(p, runs * N, V);
  for (let row = 0; row < runs * N; row++) {
    const own = got.subarray(row * V, (row + 1) * V);
    const sum = own.reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > 1e-6 * (1 + V / 100))
      throw new Error(`the probabilities of row ${row} add up to ${sum}`);
  }
  return temperatures.map((temperature, run) => ({
    kernel: kernel.name,
    output: 'p',
    got: got.subarray(run * N * V, (run + 1) * N * V),
    want: reference.softmax(logits[run], V, temperature),
    tolerance: { atol: 1.7e-38, rtol: relative(largest(logits[run]) / temperature, V) },
  }));
}

/**
 * The power z - max z is off by at most 14 |z| roundings: 1 / temperature (WGSL: 2.5 ULP) on twice |z|, a product on both
 * sides, and their difference. Then e^x (1 ULP), the sum, a quotient and a product. A power below -87 counts as -87.
 */
function relative(most: number, V: number): number {
  return (14 * most + V / 4 + 16) * ROUNDING;
}

function strayed(rows: Float32Array<ArrayBuffer>, V: number, stride: number) {
  return rows.map((value, i) => (i % stride < V ? value : STRAY));
}
