import { describe, expect, test } from 'vitest';
import {
  adamwArrays,
  adamwStep,
  compareAdamw,
  rounded,
  type AdamwRun,
} from '../../src/verify/adamw';
import { expectSameBits, expectTwin, testBench } from '../setup/kernel';

const BASE: AdamwRun = {
  step: 1,
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-8,
  weightDecay: 0,
  maxNorm: 0,
};

const VARIANTS: Partial<AdamwRun>[] = [
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
      const data = adamwArrays(runs.length, numbers, count * 10 + gradScale, gradScale);
      // A parameter that never gets a gradient: no division of 0 by 0.
      for (const array of Object.values(data)) array[numbers - 1] = 0;
      expectTwin(await compareAdamw(await testBench(), runs, data));
    },
  );

  test('without a gradient and without moments nothing moves', async () => {
    const data = adamwArrays(1, 8, 3, 1);
    for (const array of [data.grads, data.m, data.v]) array.fill(0);
    const got = await adamwStep(await testBench(), [rounded({ ...BASE, maxNorm: 1 })], data);
    expectSameBits(got.weights, data.weights);
  });

  test('learning rate 0 moves the moments and no weight', async () => {
    const data = adamwArrays(2, 16, 4, 1);
    const got = await adamwStep(
      await testBench(),
      Array(2).fill({ ...BASE, learningRate: 0, weightDecay: 0.5 }),
      data,
    );
    expectSameBits(got.weights, data.weights);
    expect(got.m).not.toEqual(data.m);
  });

  test('the padding of parameters stays zero under weight decay', async () => {
    const data = adamwArrays(1, 16, 5, 1);
    for (const array of Object.values(data)) array.fill(0, 5, 9);
    const got = await adamwStep(
      await testBench(),
      [rounded({ ...BASE, weightDecay: 0.1, maxNorm: 0.5 })],
      data,
    );
    for (const array of Object.values(got)) expect([...array.subarray(5, 9)]).toEqual([0, 0, 0, 0]);
  });

  test.each([
    ['counted as not finite', 1, 1],
    ['an infinite norm', 0, Infinity],
    ['a norm that is not a number', 0, NaN],
  ])('%s: that run alone skips the step', async (_, bad, poison) => {
    const runs = [BASE, { ...BASE, maxNorm: 1 }, BASE].map(rounded);
    const data = adamwArrays(3, 64, 6, 1);
    const clean = await adamwStep(await testBench(), runs, data);
    const grads = data.grads.slice();
    if (bad === 0) grads[64 + 7] = poison;
    const got = await adamwStep(await testBench(), runs, { ...data, grads }, [0, bad, 0]);
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
