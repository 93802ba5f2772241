import { tokenStats } from '../gpu/kernels/token_stats';
import * as reference from '../reference/token_stats';
import type { Comparison } from './compare';
import {
  cellOf,
  coverOf,
  eachResponseToken,
  passBuffers,
  planeOf,
  type PassShape,
  type RunPass,
} from './rollout_pass';
import { SENTINEL, type Bench } from './run_kernel';
import { settingsBuffer } from './settings';

/** The record of a pass: `planes` are where log-probability and entropy go, `before` fills it. */
export async function statsOf(
  bench: Bench,
  shape: PassShape,
  passes: readonly RunPass[],
  temperatures: readonly number[],
  { planes = [0, 1], before = SENTINEL } = {},
): Promise<Float32Array<ArrayBuffer>> {
  const { stride, ...inputs } = passBuffers(shape, passes);
  const plane = planeOf(shape);
  const { record } = await bench.run(tokenStats, {
    constants: { WG: bench.profile.row },
    inputs: {
      ...inputs,
      settings: settingsBuffer(temperatures.map((temperature) => ({ temperature }))),
    },
    outputs: { record: new Float32Array(4 * plane).fill(before) },
    params: {
      ...coverOf(shape),
      vocab: shape.V,
      vocab_stride: stride,
      logprob_plane: planes[0],
      entropy_plane: planes[1],
    },
    items: shape.rows * shape.positions,
    runs: shape.runs,
  });
  return record;
}

/** What the record must hold: the twin's numbers at response tokens, the sentinel elsewhere. */
export function twinStats(
  shape: PassShape,
  passes: readonly RunPass[],
  temperatures: readonly number[],
): Float64Array {
  const plane = planeOf(shape);
  const want = new Float64Array(4 * plane).fill(SENTINEL);
  passes.forEach((pass, run) => {
    eachResponseToken(shape, pass, (b, t, n) => {
      const row = pass.logits.subarray(n * shape.V, (n + 1) * shape.V);
      const token = pass.tokens[b * shape.length + t];
      const { logprob, entropy } = reference.tokenStats(row, [token], shape.V, temperatures[run]);
      const cell = cellOf(shape, pass, run, b, t);
      want[cell] = logprob[0];
      want[plane + cell] = entropy[0];
    });
  });
  return want;
}

/** Cells of tokens alone: what other cells hold is for `twinStats`. `scale` is the largest logit. */
export async function compareTokenStats(
  bench: Bench,
  shape: PassShape,
  passes: readonly RunPass[],
  temperatures: readonly number[],
  scale: number,
  { kernel, run } = { kernel: 'token_stats', run: statsOf },
): Promise<Comparison[]> {
  const got = await run(bench, shape, passes, temperatures);
  const want = twinStats(shape, passes, temperatures);
  const plane = planeOf(shape);
  // z = logits / temperature is rounded, as is its distance from the largest: 4 |z| 2^-24, 1.4e-5 at |z| = 60. The
  // entropy sees only differences of z; rounding of 257 summands is below 1e-6.
  const growth = Math.max(1, (scale * 2) / 30);
  const compared = (output: string, from: number, atol: number, rtol: number): Comparison => {
    const places = Array.from({ length: plane }, (_, i) => from + i);
    const cells = places.filter((i) => want[i] !== SENTINEL);
    const stray = places.find((i) => want[i] === SENTINEL && got[i] !== SENTINEL);
    if (stray !== undefined) throw new Error(`${output} was written at ${stray - from}`);
    return {
      kernel,
      output,
      got: cells.map((i) => got[i]),
      want: cells.map((i) => want[i]),
      tolerance: { atol, rtol },
    };
  };
  if (got.subarray(2 * plane).some((value) => value !== SENTINEL))
    throw new Error('a plane was written that is for neither');
  const most = Math.log(shape.V) + 1e-6;
  const entropies = got.subarray(plane, 2 * plane).filter((value) => value !== SENTINEL);
  if (entropies.some((nats) => !(nats >= 0 && nats <= most)))
    throw new Error('an entropy is below 0 or above that of equal odds');
  return [
    compared('logprob', 0, 1e-5 * growth, 0),
    compared('entropy', plane, 2e-6 * growth, 1e-6),
  ];
}
