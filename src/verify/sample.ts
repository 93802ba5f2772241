import { sample } from '../gpu/kernels/sample';
import type { RunSettings } from '../gpu/run_settings';
import * as reference from '../reference/sample';
import { tokenStats } from '../reference/token_stats';
import { float32, float64, padded } from './arrays';
import type { Comparison } from './compare';
import { GARBAGE } from './rollout_pass';
import type { Bench } from './run_kernel';
import { settingsBuffer } from './settings';
import { source } from './source';

/** One column of tokens. */
export interface Draw {
  readonly V: number;
  readonly rows: number;
  readonly length: number;
  readonly position: number;
  readonly eos?: number;
  /** One for each run. */
  readonly settings: readonly Partial<RunSettings>[];
  /** (R, rows, V). */
  readonly logits: Float32Array;
  /** (R, rows, 2); prompts of one token, responses open, unless given. */
  readonly spans?: Uint32Array<ArrayBuffer>;
}

/** What a token's cell holds before. */
export const UNWRITTEN = 0xabc;

export async function draw(
  bench: Bench,
  { V, rows, length, position, eos = 1 << 30, settings, logits, spans }: Draw,
) {
  const runs = settings.length;
  const plane = runs * rows * length;
  const stride = padded(V);
  const paddedLogits = new Float32Array(runs * rows * stride).fill(GARBAGE);
  for (let row = 0; row < runs * rows; row++) {
    paddedLogits.set(logits.subarray(row * V, (row + 1) * V), row * stride);
  }
  const open = new Uint32Array(runs * rows * 2).map((_, i) => (i % 2 === 0 ? 1 : 0));
  const got = await bench.run(sample, {
    constants: { WG: bench.profile.row },
    inputs: { settings: settingsBuffer(settings), logits: paddedLogits },
    outputs: {
      tokens: new Uint32Array(plane).fill(UNWRITTEN),
      spans: spans ?? open,
      record: 2 * plane,
    },
    params: { rows, length, position, vocab: V, vocab_stride: stride, plane, eos },
    items: rows,
    runs,
  });
  const at = (values: ArrayLike<number>, offset = 0) =>
    Array.from({ length: runs * rows }, (_, row) => values[offset + row * length + position + 1]);
  return {
    ...got,
    /** The drawn column. */
    picks: at(got.tokens),
    logprob: at(got.record),
    entropy: at(got.record, plane),
  };
}

/** What the twin draws, and by how much its winner leads. */
export function twinDraw({ V, rows, length, position, settings, logits }: Draw) {
  const picks: number[] = [];
  const leads: number[] = [];
  settings.forEach((run, r) => {
    const { temperature = 1, key0 = 0, key1 = 0, first_row = 0, greedy = 0 } = run;
    for (let b = 0; b < rows; b++) {
      const row = float64(logits.subarray((r * rows + b) * V, (r * rows + b + 1) * V));
      const cell = (first_row + b) * length + position + 1;
      const noise = greedy ? new Float64Array(V) : reference.gumbelNoise(key0, key1, cell, V);
      const scores = row.map((z, v) => z / Math.fround(temperature) + noise[v]);
      picks.push(reference.gumbelMax(row, noise, V, Math.fround(temperature))[0]);
      const sorted = [...scores].sort((a, b) => b - a);
      leads.push(V > 1 ? sorted[0] - sorted[1] : Infinity);
    }
  });
  return { picks, leads };
}

/** `scale` is that of the normal logits. */
export function randomDraw(V: number, scale: number, runs: number, rows: number): Draw {
  const random = source(V * 1000 + scale);
  const settings = Array.from({ length: runs }, (_, run) => ({
    temperature: [1, 0.6, 1.7][run % 3],
    key0: random.below(2 ** 32),
    key1: random.below(2 ** 32),
    first_row: run * 1000,
  }));
  const logits = float32(random.array(runs * rows * V, scale));
  return { V, rows, length: 5, position: 2, settings, logits };
}

/** f32 scores up to 60 are good to about 1e-5; closer calls than this may go either way. */
export const CLOSE_CALL = 1e-4;

/** `scale` is that of the logits. */
export async function compareSample(
  bench: Bench,
  subject: Draw,
  scale: number,
): Promise<Comparison[]> {
  const { V, rows, settings, logits } = subject;
  const got = await draw(bench, subject);
  const want = twinDraw(subject);
  const clear = got.picks.map((_, i) => i).filter((i) => want.leads[i] >= CLOSE_CALL);
  // The record is that of the token that was drawn, at the sampling temperature.
  const stats = got.picks.map((pick, i) => {
    const { temperature } = settings[Math.floor(i / rows)];
    const row = float64(logits.subarray(i * V, (i + 1) * V));
    return tokenStats(row, [pick], V, Math.fround(temperature ?? 1));
  });
  const growth = Math.max(1, (scale * 4) / 0.6 / 30); // normal logits reach 4 times their scale
  const kernel = 'sample';
  return [
    {
      kernel,
      output: 'tokens',
      got: clear.map((i) => got.picks[i]),
      want: clear.map((i) => want.picks[i]),
      tolerance: {},
    },
    {
      kernel,
      output: 'logprob',
      got: got.logprob,
      want: stats.map(({ logprob }) => logprob[0]),
      tolerance: { atol: 1e-5 * growth },
    },
    {
      kernel,
      output: 'entropy',
      got: got.entropy,
      want: stats.map(({ entropy }) => entropy[0]),
      tolerance: { atol: 2e-6 * growth, rtol: 1e-6 },
    },
  ];
}
