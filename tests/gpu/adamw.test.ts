import { describe, expect, test } from 'vitest';
import { adamw } from '../../src/gpu/kernels/adamw';
import * as reference from '../../src/reference/adamw';
import {
  expectAllClose,
  expectSameBits,
  float32,
  float64,
  runKernel,
  ROUNDING,
} from '../setup/kernel';
import { source } from '../unit/reference_support';
import { settingsBuffer } from './rollouts';

interface Run {
  readonly step: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly maxNorm: number;
}

/** Settings as the kernel has them: rounded to f32. */
function rounded(run: Run): Run {
  return Object.fromEntries(
    Object.entries(run).map(([name, value]) => [
      name,
      name === 'step' ? value : Math.fround(value as number),
    ]),
  ) as unknown as Run;
}

const settingsOf = (run: Run) => ({
  learning_rate: run.learningRate,
  beta1: run.beta1,
  beta2: run.beta2,
  adam_eps: run.eps,
  weight_decay: run.weightDecay,
  max_grad_norm: run.maxNorm,
  bias_correction1: 1 - run.beta1 ** run.step,
  bias_correction2: 1 - run.beta2 ** run.step,
});

const arrays = (runs: number, numbers: number, seed: number, gradScale: number) => {
  const random = source(seed);
  const array = (scale: number) => float32(random.array(runs * numbers, scale));
  return {
    grads: array(gradScale),
    weights: array(0.5),
    m: array(0.01),
    v: array(0.01).map((x) => x * x),
  };
};
type Arrays = ReturnType<typeof arrays>;

async function stepOf(
  runs: readonly Run[],
  { grads, weights, m, v }: Arrays,
  bad: readonly number[] = [],
) {
  const numbers = grads.length / runs.length;
  const norm = new Float32Array(runs.length * 4);
  runs.forEach((_, run) => {
    const part = float64(grads.subarray(run * numbers, (run + 1) * numbers));
    norm.set([reference.globalNorm([part]) ** 2, bad[run] ?? 0, 0, 0], 4 * run);
  });
  return runKernel(adamw, {
    constants: { WG: 64 },
    inputs: { settings: settingsBuffer(runs.map(settingsOf)), norm, grads },
    outputs: { weights, m, v },
    params: { count: numbers / 4 },
    items: numbers / 4,
    runs: runs.length,
  });
}

const BASE: Run = {
  step: 1,
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-8,
  weightDecay: 0,
  maxNorm: 0,
};

const VARIANTS: Partial<Run>[] = [
  {},
  { weightDecay: 0.1 },
  { maxNorm: 1 },
  { maxNorm: 1e9 },
  { maxNorm: 1e-3, weightDecay: 0.01, learningRate: 0.1 },
  { beta1: 0, beta2: 0.999 },
  { beta1: 0.99, beta2: 0.5, eps: 0.1 },
  { learningRate: 3e-5, eps: 1e-5 },
];

const CASES = [1, 2, 1000].flatMap((step, i) =>
  VARIANTS.flatMap((variant, j) =>
    [1, 30].map((gradScale) => ({
      count: [1, 2, 63, 64, 65, 131][(i + j) % 6],
      step,
      gradScale,
      variant,
      // Three runs with settings of their own.
      runs: [variant, VARIANTS[(j + 1) % 8], VARIANTS[(j + 3) % 8]]
        .slice(0, 1 + ((i + j) % 3))
        .map((change) => rounded({ ...BASE, step, ...change })),
    })),
  ),
);

describe('adamw', () => {
  test.each(CASES)(
    'step $step, $variant, gradients of $gradScale, $count vec4f',
    async (subject) => {
      const { count, gradScale, runs } = subject;
      const numbers = 4 * count;
      const data = arrays(runs.length, numbers, count * 10 + gradScale, gradScale);
      // A parameter that never gets a gradient: no division of 0 by 0.
      for (const array of Object.values(data)) array[numbers - 1] = 0;
      const got = await stepOf(runs, data);
      runs.forEach((run, r) => {
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
        expectAllClose(part(got.m), want.m, { atol: mTolerance }, 'adamw m');
        // 1 - beta2 is exact, squares double the error of the scaled gradient.
        expectAllClose(part(got.v), want.v, { rtol: 16 * ROUNDING }, 'adamw v');
        // The step: its moments, a root and two quotients of 2.5 ULP; then decay and step round the weight.
        const stepTolerance = want.weight.map((weight, i) => {
          const step = Math.abs(
            weight - state.weight[i] * (1 - run.learningRate * run.weightDecay),
          );
          const root = Math.sqrt(want.v[i] / (1 - run.beta2 ** run.step)) + run.eps;
          const fromM =
            root > 0 ? (run.learningRate * mTolerance[i]) / (1 - run.beta1 ** run.step) / root : 0;
          return 4 * ROUNDING * Math.abs(state.weight[i]) + 32 * ROUNDING * step + fromM;
        });
        expectAllClose(part(got.weights), want.weight, { atol: stepTolerance }, 'adamw weights');
      });
    },
  );

  test('without a gradient and without moments nothing moves', async () => {
    const data = arrays(1, 8, 3, 1);
    for (const array of [data.grads, data.m, data.v]) array.fill(0);
    const got = await stepOf([rounded({ ...BASE, maxNorm: 1 })], data);
    expectSameBits(got.weights, data.weights);
  });

  test('learning rate 0 moves the moments and no weight', async () => {
    const data = arrays(2, 16, 4, 1);
    const got = await stepOf(Array(2).fill({ ...BASE, learningRate: 0, weightDecay: 0.5 }), data);
    expectSameBits(got.weights, data.weights);
    expect(got.m).not.toEqual(data.m);
  });

  test('the padding of parameters stays zero under weight decay', async () => {
    const data = arrays(1, 16, 5, 1);
    for (const array of Object.values(data)) array.fill(0, 5, 9);
    const got = await stepOf([rounded({ ...BASE, weightDecay: 0.1, maxNorm: 0.5 })], data);
    for (const array of Object.values(got)) expect([...array.subarray(5, 9)]).toEqual([0, 0, 0, 0]);
  });

  test.each([
    ['counted as not finite', 1, 1],
    ['an infinite norm', 0, Infinity],
    ['a norm that is not a number', 0, NaN],
  ])('%s: that run alone skips the step', async (_, bad, poison) => {
    const runs = [BASE, { ...BASE, maxNorm: 1 }, BASE].map(rounded);
    const data = arrays(3, 64, 6, 1);
    const clean = await stepOf(runs, data);
    const grads = data.grads.slice();
    if (bad === 0) grads[64 + 7] = poison;
    const got = await stepOf(runs, { ...data, grads }, [0, bad, 0]);
    for (const name of ['weights', 'm', 'v'] as const) {
      const part = (array: Float32Array<ArrayBuffer>, run: number) =>
        array.subarray(run * 64, (run + 1) * 64);
      expectSameBits(part(got[name], 0), part(clean[name], 0), `${name} of run 0`);
      expectSameBits(part(got[name], 1), part(data[name], 1), `${name} of run 1`);
      expectSameBits(part(got[name], 2), part(clean[name], 2), `${name} of run 2`);
      expect(part(got[name], 0)).not.toEqual(part(data[name], 0));
    }
  });
});
