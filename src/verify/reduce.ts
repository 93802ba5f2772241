import { dotProduct, reduceRows } from '../gpu/kernels/reduce';
import * as reference from '../reference/reduce';
import { float32, float64, ROUNDING } from './arrays';
import type { Comparison } from './compare';
import type { Bench } from './run_kernel';
import { source } from './source';
import { requireSameBits } from './untouched';

export interface ReduceSubject {
  readonly rows: number;
  /** Of a row, in vec4f. */
  readonly width: number;
  readonly groups: number;
  readonly perGroup: number;
  readonly runs: number;
}

export async function compareReduceRows(
  bench: Bench,
  { rows, width, groups, perGroup, runs }: ReduceSubject,
  accumulate: 0 | 1,
): Promise<Comparison[]> {
  const random = source(rows * 100 + width);
  const source32 = float32(random.array(runs * rows * width * 4, 3));
  const outRun = (groups + 1) * width;
  const before = float32(random.array(runs * outRun * 4));
  const { out } = await bench.run(reduceRows, {
    constants: { WG: bench.profile.row },
    inputs: { source: source32 },
    outputs: { out: before },
    params: {
      rows,
      width,
      groups,
      per_group: perGroup,
      out_run: outRun,
      max_column: width,
      accumulate,
    },
    items: groups * width,
    runs,
  });
  return Array.from({ length: runs }, (_, run) => {
    const part = source32.subarray(run * rows * width * 4, (run + 1) * rows * width * 4);
    const sums = reference.reduceRows(float64(part), width * 4, perGroup);
    const start = run * outRun * 4;
    const want = Float64Array.from(
      { length: groups * width * 4 },
      (_, i) => (sums[i] ?? 0) + (accumulate ? before[start + i] : 0),
    );
    const gap = [start + want.length, start + outRun * 4] as const;
    requireSameBits(out.subarray(...gap), before.subarray(...gap), 'between runs');
    return {
      kernel: 'reduce_rows',
      output: 'out',
      got: out.subarray(start, start + want.length),
      want,
      // Serial sums of perGroup normal numbers below 15.
      tolerance: { atol: (perGroup + 1) * ROUNDING * 15 },
    };
  });
}

export interface DotSubject {
  /** vec4f of a run. */
  readonly count: number;
  readonly chunks: number;
  readonly runs: number;
  readonly scale: number;
}

export async function compareDotProduct(
  bench: Bench,
  { count, chunks, runs, scale }: DotSubject,
): Promise<Comparison[]> {
  const random = source(count * 10 + chunks);
  const a = float32(random.array(runs * (count + 1) * 4, scale));
  const b = float32(random.array(runs * (count + 2) * 4));
  const { partial } = await bench.run(dotProduct, {
    constants: { WG: bench.profile.row },
    inputs: { a, b },
    outputs: { partial: runs * chunks * 4 },
    params: { count, a_run: count + 1, b_run: count + 2, chunks },
    items: chunks,
    runs,
  });
  const perChunk = Math.ceil(count / chunks);
  // A sum a chunk; the other three places count what is not finite, or nothing.
  const want = new Float64Array(partial.length);
  for (let run = 0; run < runs; run++) {
    const part = (of: Float32Array, stride: number) =>
      float64(of.subarray(run * stride * 4, (run * stride + count) * 4));
    const [x, y] = [part(a, count + 1), part(b, count + 2)];
    for (let chunk = 0; chunk < chunks; chunk++) {
      const range = [chunk * perChunk * 4, (chunk + 1) * perChunk * 4] as const;
      want[(run * chunks + chunk) * 4] = reference.dot(x.subarray(...range), y.subarray(...range));
    }
  }
  // perChunk products below 20 scale in each of four sums, then three more sums.
  const ofSum = (perChunk + 4) * 4 * ROUNDING * 20 * scale;
  const atol = want.map((_, i) => (i % 4 === 0 ? ofSum : 0));
  return [{ kernel: 'dot_product', output: 'partial', got: partial, want, tolerance: { atol } }];
}
