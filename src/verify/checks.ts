import type { Gpu } from '../gpu/device';
import { adamwArrays, compareAdamw, rounded } from './adamw';
import { compareAttention, compareAttentionBackward } from './attention';
import { compareAttentionDecode } from './attention_decode';
import { checkedOutputs, type CheckedOutput, type Comparison } from './compare';
import { compareEmbedding, compareEmbeddingBackward } from './embedding';
import { compareMatmulGradients, compareMatmulNT } from './matmul';
import { randomLossRuns } from './policy_loss';
import { comparePolicyLoss } from './policy_loss_bounds';
import { compareDotProduct, compareReduceRows } from './reduce';
import { compareRmsnorm, compareRmsnormBackward } from './rmsnorm';
import { randomPass, wholeRows } from './rollout_pass';
import { compareRope } from './rope';
import { benchOf, type Bench } from './run_kernel';
import { compareSample, randomDraw } from './sample';
import { compareSoftmax, compareSoftmaxShort } from './softmax';
import { source } from './source';
import { compareSwiglu, compareSwigluBackward } from './swiglu';
import { compareThreefry } from './threefry';
import { compareTokenSelection, randomSelectionRun } from './token_selection';
import { compareTokenStats } from './token_stats';
import { compareVocabLoss, compareVocabScan, compareVocabSoftmax, partStats } from './vocab_parts';

/** Every kernel once, on a shape that fits no tile: few numbers, so that a page may run them all. */
export interface KernelCheck {
  /** Entry points. */
  readonly kernels: readonly string[];
  /** The shape, and how large the inputs are. */
  readonly about: string;
  readonly compare: (bench: Bench) => Promise<Comparison[]>;
}

const EMBEDDING = {
  ...{ V: 257, D: 65, rows: 4, rolloutRows: 4 },
  ...{ positions: 3, first: 4, length: 9, runs: 2 },
};
const RMSNORM = { D: 65, scale: 10, N: 17, runs: 3 };
const HEADS = { headDim: 6, H: 6, KV: 2, T: 17, rows: 2, scale: 10, runs: 2 };
const DECODE = { headDim: 6, H: 4, KV: 2, steps: 9, B: 3, scale: 10, runs: 2 };
const ROPE = { headDim: 6, T: 13, rows: 3, heads: 5, still: 2, scale: 10, runs: 2 };
const SWIGLU = { F: 31, scale: 30, N: 17, runs: 2 };
const LOSS = { V: 63, rows: 4, length: 8, runs: 3, scale: 10, spread: 0.5 };
const STEP = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, eps: 1e-8 };

function compareStats(bench: Bench, by?: Parameters<typeof compareTokenStats>[5]) {
  const shape = wholeRows(65, 5, 8, 3);
  const random = source(6510);
  const passes = [0, 1, 2].map(() => randomPass(shape, random, 10));
  return compareTokenStats(bench, shape, passes, [0.5, 1, 1.7], 10, by);
}

/** All in turn, also after one that throws; then what the first of those threw. */
async function everyOne(compare: readonly (() => Promise<Comparison[]>)[]): Promise<Comparison[]> {
  const found: Comparison[] = [];
  const errors: unknown[] = [];
  for (const one of compare) {
    await one().then(
      (comparisons) => found.push(...comparisons),
      (error: unknown) => errors.push(error),
    );
  }
  if (errors.length > 0) throw errors[0];
  return found;
}

/** In the order of a step: forward, rollouts, loss, backward, update. */
export const CHECKS: readonly KernelCheck[] = [
  {
    kernels: ['embedding'],
    about: '257 words of width 65, 12 tokens, 2 runs',
    compare: (bench) => compareEmbedding(bench, EMBEDDING),
  },
  {
    kernels: ['rmsnorm'],
    about: '17 rows of width 65, inputs of scale 10, 3 runs',
    compare: (bench) => compareRmsnorm(bench, RMSNORM),
  },
  {
    kernels: ['matmul_nt'],
    about: '65 × 63 by 63 × 31 and an addend, inputs of scale 10, 2 runs',
    compare: (bench) => compareMatmulNT(bench, { M: 65, N: 31, K: 63, scale: 10, runs: 2 }),
  },
  {
    kernels: ['rope'],
    about: '5 heads of 6 and 2 that stand still, 13 positions, 2 runs, there and back',
    compare: async (bench) => [
      ...(await compareRope(bench, ROPE, 1)),
      ...(await compareRope(bench, ROPE, -1)),
    ],
  },
  {
    kernels: ['attention'],
    about: '6 heads of 6 on 2 of keys, 17 positions, scores of scale 10, 2 runs',
    compare: (bench) => compareAttention(bench, HEADS),
  },
  {
    kernels: ['attention_decode'],
    about: '4 heads of 6 on 2 of keys, 9 positions one by one, 2 runs',
    compare: (bench) => compareAttentionDecode(bench, DECODE),
  },
  {
    kernels: ['swiglu'],
    about: '17 rows of width 31, gates of scale 30, 2 runs',
    compare: (bench) => compareSwiglu(bench, SWIGLU),
  },
  {
    kernels: ['sample'],
    about: '33 draws from 65 words, logits of scale 10, 3 runs at temperatures 1, 0.6 and 1.7',
    compare: (bench) => compareSample(bench, randomDraw(65, 10, 3, 33), 10),
  },
  {
    kernels: ['token_stats'],
    about: '65 words, logits up to 10, 3 runs at temperatures 0.5, 1 and 1.7',
    compare: (bench) => compareStats(bench),
  },
  {
    kernels: ['token_selection'],
    about: '9 responses, 4 runs: GSPO, Clip-Cov, entropy and random selection',
    compare: (bench) => {
      const random = source(9);
      const shape = wholeRows(3, 9, 7, 4);
      const settings = [
        { objective: 2 },
        { objective: 5, cov_tokens: 1000, cov_low: 0, cov_high: 5 },
        { entropy_tokens: 1 },
        { random_tokens: 1 },
      ];
      const runs = settings.map((one) => randomSelectionRun(shape, random, one));
      return compareTokenSelection(bench, shape, runs);
    },
  },
  {
    kernels: ['softmax'],
    about: '257 words, 17 rows of logits up to 10, temperatures of 0.5 and 1.7',
    compare: (bench) =>
      compareSoftmax(bench, { V: 257, N: 17, scale: 10, temperatures: [0.5, 1.7] }),
  },
  {
    kernels: ['softmax_short'],
    about: '63 words, 17 rows of logits up to 10, temperatures of 0.5 and 1.7',
    compare: (bench) =>
      compareSoftmaxShort(bench, { V: 63, N: 17, scale: 10, temperatures: [0.5, 1.7] }),
  },
  {
    kernels: ['policy_loss'],
    about:
      '63 words, logits up to 10, log ratios of 0.5, 3 runs with objectives and weights of their own',
    compare: (bench) => {
      const { shape, runs } = randomLossRuns(LOSS);
      return comparePolicyLoss(bench, shape, runs);
    },
  },
  {
    kernels: ['vocab_scan', 'vocab_stats', 'vocab_loss', 'vocab_gradient', 'vocab_softmax'],
    about: '65 and 63 words in parts of 16, otherwise as token_stats and policy_loss',
    compare: async (bench) => {
      const { shape, runs } = randomLossRuns(LOSS);
      return everyOne([
        () => compareVocabScan(bench, shape, runs, 16),
        () => compareStats(bench, { kernel: 'vocab_stats', run: partStats(16) }),
        () => compareVocabLoss(bench, shape, runs, 16),
        () => compareVocabSoftmax(bench, shape, runs, 16),
      ]);
    },
  },
  {
    kernels: ['matmul_gradients'],
    about:
      '63 rows, from 65 to 17 numbers, both added to what is there, inputs of scale 10, 2 runs',
    compare: (bench) =>
      compareMatmulGradients(bench, { rows: 63, inner: 65, out: 17, scale: 10, runs: 2 }),
  },
  {
    kernels: ['rmsnorm_backward'],
    about: '17 rows of width 65, inputs of scale 10, 3 runs',
    compare: (bench) => compareRmsnormBackward(bench, RMSNORM),
  },
  {
    kernels: ['swiglu_backward'],
    about: '17 rows of width 31, gates of scale 30, 2 runs',
    compare: (bench) => compareSwigluBackward(bench, SWIGLU),
  },
  {
    kernels: ['attention_backward_query', 'attention_backward_key'],
    about: '6 heads of 6 on 2 of keys, 17 positions, 2 runs',
    compare: (bench) => compareAttentionBackward(bench, HEADS),
  },
  {
    kernels: ['embedding_backward'],
    about: '257 words of width 65, 12 tokens, added to what is there, 2 runs',
    compare: (bench) => compareEmbeddingBackward(bench, EMBEDDING, 1),
  },
  {
    kernels: ['reduce_rows'],
    about: '65 rows of width 64 in groups of 8, added to what is there, 2 runs',
    compare: (bench) =>
      compareReduceRows(bench, { rows: 65, width: 16, groups: 9, perGroup: 8, runs: 2 }, 1),
  },
  {
    kernels: ['dot_product'],
    about: '1,028 numbers in 17 parts, 2 runs',
    compare: (bench) => compareDotProduct(bench, { count: 257, chunks: 17, runs: 2, scale: 1 }),
  },
  {
    kernels: ['adamw'],
    about: '524 parameters, gradients of scale 30, 3 runs: plain, clipped, with decay',
    compare: (bench) => {
      const runs = [
        { ...STEP, step: 1, weightDecay: 0, maxNorm: 0 },
        { ...STEP, step: 2, weightDecay: 0, maxNorm: 1 },
        { ...STEP, step: 1000, weightDecay: 0.1, maxNorm: 1e9 },
      ].map(rounded);
      return compareAdamw(bench, runs, adamwArrays(3, 524, 1340, 30));
    },
  },
  {
    kernels: ['threefry'],
    about: '257 pairs of words across the end of the counter, 3 runs',
    compare: (bench) =>
      compareThreefry(
        bench,
        { count: 257, start: 0xfffffff0, stream: 9, key0: 12345, key1: 0xdeadbeef },
        3,
      ),
  },
];

/** Runs a check on a device; an error of the device, its own or another's, is thrown. */
export async function runCheck(gpu: Gpu, { compare }: KernelCheck): Promise<CheckedOutput[]> {
  const { device } = gpu;
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const outcome = await compare(benchOf(gpu)).then(
    (comparisons) => ({ comparisons }),
    (error: unknown) => ({ error }),
  );
  const memory = await device.popErrorScope();
  const validation = await device.popErrorScope();
  if (memory !== null || validation !== null)
    throw new Error((memory ?? validation)?.message ?? 'the device refused the check');
  if ('error' in outcome) throw outcome.error;
  return checkedOutputs(outcome.comparisons);
}
