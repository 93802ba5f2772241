import { adamw } from '../gpu/kernels/adamw';
import * as reference from '../reference/adamw';
import { float32, float64, ROUNDING } from './arrays';
import type { Comparison } from './compare';
import type { Bench } from './run_kernel';
import { settingsBuffer } from './settings';
import { source } from './source';

/** The optimiser's settings of one run, rounded to f32 as the kernel has them (`rounded`). */
export interface AdamwRun {
  readonly step: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly maxNorm: number;
}

export function rounded(run: AdamwRun): AdamwRun {
  const f = Math.fround;
  return {
    step: run.step,
    learningRate: f(run.learningRate),
    beta1: f(run.beta1),
    beta2: f(run.beta2),
    eps: f(run.eps),
    weightDecay: f(run.weightDecay),
    maxNorm: f(run.maxNorm),
  };
}

const settingsOf = (run: AdamwRun) => ({
  learning_rate: run.learningRate,
  beta1: run.beta1,
  beta2: run.beta2,
  adam_eps: run.eps,
  weight_decay: run.weightDecay,
  max_grad_norm: run.maxNorm,
  bias_correction1: 1 - run.beta1 ** run.step,
  bias_correction2: 1 - run.beta2 ** run.step,
});

export type AdamwArrays = ReturnType<typeof adamwArrays>;

/** All runs one after the other, `numbers` each. */
export function adamwArrays(runs: number, numbers: number, seed: number, gradScale: number) {
  const random = source(seed);
  const array = (scale: number) => float32(random.array(runs * numbers, scale));
  return {
    grads: array(gradScale),
    weights: array(0.5),
    m: array(0.01),
    v: array(0.01).map((x) => x * x),
  };
}

/** One step; `bad` counts the gradients of each run that are not finite. */
export async function adamwStep(
  bench: Bench,
  runs: readonly AdamwRun[],
  { grads, weights, m, v }: AdamwArrays,
  bad: readonly number[] = [],
) {
  const numbers = grads.length / runs.length;
  const norm = new Float32Array(runs.length * 4);
  runs.forEach((_, run) => {
    const part = float64(grads.subarray(run * numbers, (run + 1) * numbers));
    norm.set([reference.globalNorm([part]) ** 2, bad[run] ?? 0, 0, 0], 4 * run);
  });
  return bench.run(adamw, {
    constants: { WG: bench.profile.element },
    inputs: { settings: settingsBuffer(runs.map(settingsOf)), norm, grads },
    outputs: { weights, m, v },
    params: { count: numbers / 4 },
    items: numbers / 4,
    runs: runs.length,
  });
}

export async function compareAdamw(
  bench: Bench,
  runs: readonly AdamwRun[],
  data: AdamwArrays,
): Promise<Comparison[]> {
  const numbers = data.grads.length / runs.length;
  const got = await adamwStep(bench, runs, data);
  const kernel = 'adamw';
  return runs.flatMap((run, r) => {
    const part = (array: Float32Array) => array.subarray(r * numbers, (r + 1) * numbers);
    const grad = float64(part(data.grads));
    const state = {
      weight: float64(part(data.weights)),
      m: float64(part(data.m)),
      v: float64(part(data.v)),
    };
    const scale = reference.clipScale(reference.globalNorm([grad]), run.maxNorm);
    const want = reference.adamw(state, grad, run, run.step, scale);
    // The clip factor: a root and a quotient of WGSL's 2.5 ULP, two products. Both terms of a moment may cancel.
    const mTolerance = want.m.map(
      (_, i) => 8 * ROUNDING * (Math.abs(state.m[i]) + Math.abs(grad[i]) * scale),
    );
    // The step: its moments, a root and two quotients of 2.5 ULP; then decay and step round the weight.
    const stepTolerance = want.weight.map((weight, i) => {
      const step = Math.abs(weight - state.weight[i] * (1 - run.learningRate * run.weightDecay));
      const root = Math.sqrt(want.v[i] / (1 - run.beta2 ** run.step)) + run.eps;
      const fromM =
        root > 0 ? (run.learningRate * mTolerance[i]) / (1 - run.beta1 ** run.step) / root : 0;
      return 4 * ROUNDING * Math.abs(state.weight[i]) + 32 * ROUNDING * step + fromM;
    });
    return [
      { kernel, output: 'm', got: part(got.m), want: want.m, tolerance: { atol: mTolerance } },
      // 1 - beta2 is exact, squares double the error of the scaled gradient.
      {
        kernel,
        output: 'v',
        got: part(got.v),
        want: want.v,
        tolerance: { rtol: 16 * ROUNDING },
      },
      {
        kernel,
        output: 'weights',
        got: part(got.weights),
        want: want.weight,
        tolerance: { atol: stepTolerance },
      },
    ];
  });
}
