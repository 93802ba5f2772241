import { rope } from '../gpu/kernels/rope';
import { ropeTables as cpuTables } from '../model/layout';
import type { ModelSpec } from '../model/spec';
import * as reference from '../reference/rope';
import { float32, float64, padded, ROUNDING } from './arrays';
import type { Comparison } from './compare';
import type { Bench } from './run_kernel';
import { source } from './source';

export interface RopeSubject {
  readonly headDim: number;
  readonly T: number;
  readonly rows: number;
  readonly heads: number;
  /** Heads after the rotated ones: they stand for values, which do not turn. */
  readonly still: number;
  readonly scale: number;
  readonly runs: number;
}

/** The engine's tables, of the CPU. */
export function ropeTables(headDim: number, T: number) {
  const spec = { hidden_size: 3 * headDim, num_attention_heads: 3, rope_theta: 10_000 };
  // Of the rest nothing is read.
  return cpuTables(spec as ModelSpec, T);
}

export async function compareRope(
  bench: Bench,
  { headDim, T, rows, heads, still, scale, runs }: RopeSubject,
  direction: 1 | -1,
): Promise<Comparison[]> {
  const random = source(headDim * 100 + T);
  const stride = padded(headDim);
  const all = heads + still;
  const N = rows * T;
  const values = Array.from({ length: runs }, () =>
    float32(random.array(N * all * headDim, scale)),
  );
  const x = new Float32Array(runs * N * all * stride);
  values.forEach((run, r) =>
    run.forEach((value, i) => {
      const head = Math.floor(i / headDim);
      x[(r * N * all + head) * stride + (i % headDim)] = value;
    }),
  );
  const { cosine, sine } = ropeTables(headDim, T);
  const result = await bench.run(rope, {
    constants: { WG: bench.profile.row },
    inputs: { cosine, sine },
    outputs: { x },
    params: {
      rows: N,
      positions: T,
      heads,
      head_dim: headDim,
      head_stride: stride,
      row_stride: all * stride,
      direction,
    },
    items: N * heads,
    runs,
  });
  const tables = { cos: float64(cosine), sin: float64(sine) };
  const position = Array.from({ length: N }, (_, n) => n % T);
  const turn = direction === 1 ? reference.rope : reference.ropeInverse;
  const want = new Float64Array(x.length);
  values.forEach((run, r) => {
    const turned = turn(float64(run), tables, position, all, headDim);
    turned.forEach((value, i) => {
      const head = Math.floor(i / headDim);
      const moves = head % all < heads;
      // Heads that stand still, and the padding of every head, must come back exactly.
      want[(r * N * all + head) * stride + (i % headDim)] = moves ? value : run[i];
    });
  });
  // Two products and a sum of numbers below 5 scale.
  const atol = want.map((_, i) => {
    const head = Math.floor(i / stride) % all;
    return head < heads && i % stride < headDim ? 3 * ROUNDING * 2 * 5 * scale : 0;
  });
  const output = direction === 1 ? 'x' : 'x, backward';
  return [{ kernel: 'rope', output, got: result.x, want, tolerance: { atol } }];
}
