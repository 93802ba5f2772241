import {
  vocabGradient,
  vocabLoss,
  vocabScan,
  vocabSoftmax,
  vocabStats,
} from '../gpu/kernels/vocab_parts';
import * as softmax from '../reference/softmax';
import { moments } from '../reference/vocab_parts';
import { largest, padded } from './arrays';
import type { Comparison } from './compare';
import { lossBuffers, STATS, twinSettings, type LossRun } from './policy_loss';
import { comparePolicyLoss, type LossKernels } from './policy_loss_bounds';
import {
  coverOf,
  eachResponseToken,
  passBuffers,
  planeOf,
  type PassShape,
  type RunPass,
} from './rollout_pass';
import { SENTINEL, type Bench } from './run_kernel';
import { settingsBuffer } from './settings';
import { requireZeroPadding } from './untouched';

/** A part of the padded vocabulary, as the engine cuts it. */
interface Part {
  readonly start: number;
  readonly width: number;
}

/** Numbers of a token in `scan` and in `terms`. */
const KEPT = 8;

function partsOf(V: number, size: number): Part[] {
  const all = padded(V);
  return Array.from({ length: Math.ceil(all / size) }, (_, i) => ({
    start: i * size,
    width: Math.min(size, all - i * size),
  }));
}

const tokensOf = ({ rows, positions }: PassShape) => rows * positions;

/** Columns of a part, of every token of every run. */
function columns(all: Float32Array, stride: number, { start, width }: Part) {
  const tokens = all.length / stride;
  const own = new Float32Array(tokens * width);
  for (let n = 0; n < tokens; n++)
    own.set(all.subarray(n * stride + start, n * stride + start + width), n * width);
  return own;
}

/** All parts scanned, one after another; what is given starts it. */
async function scanOf(
  bench: Bench,
  shape: PassShape,
  passes: readonly RunPass[],
  settings: ReturnType<typeof settingsBuffer>,
  size: number,
): Promise<Float32Array<ArrayBuffer>> {
  const { stride, logits, rows, tokens } = passBuffers(shape, passes);
  let scan = new Float32Array(shape.runs * tokensOf(shape) * KEPT).fill(SENTINEL);
  for (const part of partsOf(shape.V, size)) {
    const result = await bench.run(vocabScan, {
      constants: { WG: bench.profile.row },
      inputs: { settings, rows, tokens, logits: columns(logits, stride, part) },
      outputs: { scan },
      params: { ...coverOf(shape), vocab: shape.V, start: part.start, width: part.width / 4 },
      items: tokensOf(shape),
      runs: shape.runs,
    });
    scan = result.scan;
  }
  return scan;
}

/** `statsOf`, in parts of `size` tokens. */
export const partStats =
  (size: number) =>
  async (
    bench: Bench,
    shape: PassShape,
    passes: readonly RunPass[],
    temperatures: readonly number[],
  ): Promise<Float32Array<ArrayBuffer>> => {
    const settings = settingsBuffer(temperatures.map((temperature) => ({ temperature })));
    const { measures } = await bench.run(vocabStats, {
      constants: { WG: bench.profile.row },
      inputs: {
        rows: passBuffers(shape, passes).rows,
        saved_scan: await scanOf(bench, shape, passes, settings, size),
      },
      outputs: { measures: new Float32Array(4 * planeOf(shape)).fill(SENTINEL) },
      params: { ...coverOf(shape), logprob_plane: 0, entropy_plane: 1 },
      items: tokensOf(shape),
      runs: shape.runs,
    });
    return measures;
  };

/** Scan and loss of all parts: what each token's gradient is made of. */
async function termsOf(
  bench: Bench,
  shape: PassShape,
  runs: readonly LossRun[],
  size: number,
): Promise<{ terms: Float32Array<ArrayBuffer>; stats: Float32Array<ArrayBuffer> }> {
  const { rows, tokens } = passBuffers(shape, runs);
  const buffers = lossBuffers(shape, runs);
  const count = shape.runs * tokensOf(shape);
  return bench.run(vocabLoss, {
    constants: { WG: bench.profile.row },
    inputs: {
      ...{ rows, tokens, ...buffers },
      saved_scan: await scanOf(bench, shape, runs, buffers.settings, size),
    },
    outputs: { terms: count * KEPT, stats: count * STATS },
    params: { ...coverOf(shape), vocab: shape.V, minibatch_rows: shape.rows },
    items: tokensOf(shape),
    runs: shape.runs,
  });
}

/** Runs `vocab_gradient` or `vocab_softmax` for every part, and puts the parts together: (R, tokens, padded V). */
async function joinedParts(
  bench: Bench,
  shape: PassShape,
  passes: readonly RunPass[],
  saved_terms: Float32Array<ArrayBuffer>,
  size: number,
  kernel: 'gradient' | 'softmax',
): Promise<Float32Array<ArrayBuffer>> {
  const { stride, logits } = passBuffers(shape, passes);
  const tokens = tokensOf(shape);
  const out = new Float32Array(shape.runs * tokens * stride);
  for (const part of partsOf(shape.V, size)) {
    const { start, width } = part;
    const call = {
      constants: { WG: bench.profile.element },
      inputs: { logits: columns(logits, stride, part), saved_terms },
      params: { tokens, vocab: shape.V, start, width: width / 4 },
      items: (tokens * width) / 4,
      runs: shape.runs,
    };
    const words = shape.runs * tokens * width;
    const own =
      kernel === 'gradient'
        ? (await bench.run(vocabGradient, { ...call, outputs: { d_logits: words } })).d_logits
        : (await bench.run(vocabSoftmax, { ...call, outputs: { probabilities: words } }))
            .probabilities;
    for (let n = 0; n < shape.runs * tokens; n++)
      out.set(own.subarray(n * width, (n + 1) * width), n * stride + start);
  }
  return out;
}

/** The loss in parts of `size` tokens, a multiple of 4. */
export const lossInParts = (size: number): LossKernels => ({
  run: async (bench, shape, runs) => {
    const { terms, stats } = await termsOf(bench, shape, runs, size);
    return { d_logits: await joinedParts(bench, shape, runs, terms, size, 'gradient'), stats };
  },
  gradient: 'vocab_gradient',
  loss: 'vocab_loss',
});

/** The sums of all parts. */
export async function compareVocabScan(
  bench: Bench,
  shape: PassShape,
  runs: readonly LossRun[],
  size: number,
): Promise<Comparison[]> {
  const { settings } = lossBuffers(shape, runs);
  const scan = await scanOf(bench, shape, runs, settings, size);
  const places: number[] = [];
  const want: number[] = [];
  const atol: number[] = [];
  runs.forEach((run, r) => {
    const { temperature } = twinSettings(run.settings);
    const most = largest(run.logits) / temperature;
    // As in policy_loss_bounds.ts; each sum is at most V, and its terms as good as their powers.
    const error = 1e-5 * Math.max(1, most / 30);
    eachResponseToken(shape, run, (b, t, n) => {
      const row = run.logits.subarray(n * shape.V, (n + 1) * shape.V);
      const sums = moments(row, temperature);
      const chosen = row[run.tokens[b * shape.length + t]] / temperature;
      [...sums, chosen].forEach((value, i) => {
        places.push((r * tokensOf(shape) + n) * KEPT + i);
        want.push(value);
        atol.push(error * (i === 0 || i === 5 ? 1 : 1 + sums[1]));
      });
    });
  });
  const seen = new Set(places.map((at) => Math.floor(at / KEPT)));
  scan.forEach((value, i) => {
    if (!seen.has(Math.floor(i / KEPT)) && value !== SENTINEL)
      throw new Error('a token outside the responses was scanned');
  });
  return [
    {
      kernel: 'vocab_scan',
      output: 'scan',
      got: places.map((at) => scan[at]),
      want,
      tolerance: { atol },
    },
  ];
}

/** Everything that the loss is made of: its numbers, then its gradient. */
export async function compareVocabLoss(
  bench: Bench,
  shape: PassShape,
  runs: readonly LossRun[],
  size: number,
): Promise<Comparison[]> {
  const by = lossInParts(size);
  const found = await comparePolicyLoss(bench, shape, runs, by);
  return [by.loss, by.gradient].flatMap((name) => found.filter(({ kernel }) => kernel === name));
}

/** Distributions at response tokens, and nothing elsewhere. */
export async function compareVocabSoftmax(
  bench: Bench,
  shape: PassShape,
  runs: readonly LossRun[],
  size: number,
): Promise<Comparison[]> {
  const { terms } = await termsOf(bench, shape, runs, size);
  const got = await joinedParts(bench, shape, runs, terms, size, 'softmax');
  const stride = padded(shape.V);
  const count = tokensOf(shape) * stride;
  requireZeroPadding(got, shape.runs * tokensOf(shape), shape.V);
  return runs.map((run, r) => {
    const { temperature } = twinSettings(run.settings);
    const want = new Float64Array(count);
    eachResponseToken(shape, run, (_, __, n) => {
      const row = run.logits.subarray(n * shape.V, (n + 1) * shape.V);
      want.set(softmax.softmax(row, shape.V, temperature), n * stride);
    });
    return {
      kernel: 'vocab_softmax',
      output: 'probabilities',
      got: got.subarray(r * count, (r + 1) * count),
      want,
      // The power is as good as the log-probability: see policy_loss_bounds.ts. Below e^-87 it counts as that.
      tolerance: {
        atol: 1.7e-38,
        rtol: 1e-5 * Math.max(1, largest(run.logits) / temperature / 30),
      },
    };
  });
}
