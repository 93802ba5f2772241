import { describe, expect, test } from 'vitest';
import { profileOf, type Gpu } from '../../src/gpu/device';
import { KernelCache } from '../../src/gpu/kernel';
import { matmulConstants, matmulGradients, matmulNT } from '../../src/gpu/kernels/matmul';
import { LAYOUTS, layoutOf, productWork, withLayout } from '../../src/gpu/layouts';
import { TimedProducts } from '../../src/gpu/timed_products';
import { kernelCache } from '../../src/gpu/transformer/kernels';
import { timeLayouts, type Watch } from '../../src/gpu/tuner';
import type { ProductLayout } from '../../src/recipe/product_layout';
import { compareMatmulGradients, compareMatmulNT } from '../../src/verify/matmul';
import { testDevice } from '../setup/device';
import { expectSameBits, testBench } from '../setup/kernel';

/** Around the vec4f, the tiles and the workgroups; every second product has an addend or adds into its output. */
const SHAPES = [
  { M: 1, N: 1, K: 1 },
  { M: 17, N: 9, K: 33 },
  { M: 64, N: 13, K: 7 },
  { M: 65, N: 63, K: 31 },
  { M: 257, N: 3, K: 5 },
];

const facts = { vendor: '', architecture: '', description: '', software: true };

async function device(software = true): Promise<Gpu> {
  const own = { ...facts, software };
  return { device: await testDevice(), facts: own, profile: profileOf(own) };
}

describe('every layout computes the same bits', () => {
  test.each(SHAPES)('$M x $N x $K', async ({ M, N, K }) => {
    const outputs = [];
    for (const layout of LAYOUTS) {
      const bench = await testBench(withLayout(await device(), layout).profile);
      const subject = { M, N, K, scale: 10, runs: 2 };
      const gradients = { rows: M, inner: N, out: K, scale: 10, runs: 2 };
      const compared = [
        ...(await compareMatmulNT(bench, subject)),
        ...(await compareMatmulGradients(bench, gradients)),
      ];
      outputs.push(compared.map(({ got }) => Float32Array.from(got)));
    }
    const [first = [], ...others] = outputs;
    expect(first).toHaveLength(6);
    for (const [i, other] of others.entries())
      for (const [o, got] of other.entries())
        expectSameBits(got, first[o] ?? got, `output ${o} of layout ${i + 1}`);
  });
});

const SPEC = {
  ...{ vocab_size: 15, hidden_size: 24, intermediate_size: 40, num_hidden_layers: 1 },
  ...{ num_attention_heads: 2, num_key_value_heads: 2, max_position_embeddings: 12 },
  ...{ rms_norm_eps: 1e-5, rope_theta: 1e4, tie_word_embeddings: false },
};
const WORK = productWork(SPEC, {
  ...{ runs: 2, rows: 8, length: 12, promptLength: 4, minibatchRows: 8, updates: 1, eos: 0 },
});

test('another layout is the same, another sum is not', async () => {
  const gpu = await device();
  const cache = new KernelCache(gpu.device);
  const shorter = matmulNT.wgsl.replace('k < params.k;', 'k + 1u < params.k;');
  expect(shorter).not.toBe(matmulNT.wgsl);
  const constants = matmulConstants(gpu.profile);
  const gradients = await cache.get(matmulGradients, constants);
  const wrong = await cache.get({ ...matmulNT, wgsl: shorter }, constants);
  const compiled = async (layout: ProductLayout) => {
    const own = matmulConstants(withLayout(gpu, layout).profile);
    const all = kernelCache(gpu.device);
    const product = await all.get(matmulNT, own);
    return { layout, product, gradients: await all.get(matmulGradients, own) };
  };
  const layout = layoutOf(gpu.profile);
  const products = await TimedProducts.create(gpu, WORK);
  try {
    const plan = products.plan(await compiled(layout));
    const other = products.plan(await compiled({ workgroup: 32, rows: 8 }));
    expect(await products.sameBits(plan, other)).toBe(true);
    const off = products.plan({ layout, product: wrong, gradients });
    expect(await products.sameBits(plan, off)).toBe(false);
  } finally {
    products.destroy();
  }
});

const patient: Watch = { cancelled: () => false, progress: () => undefined };

test('times every layout there is', async () => {
  const gpu = await device();
  const seen: number[] = [];
  const timing = await timeLayouts(
    gpu,
    WORK,
    // What is not reached in twice this time is left out, and other tests may keep the machine busy.
    { compileMs: 60_000, timeMs: 30_000 },
    { ...patient, progress: (done) => seen.push(done) },
  );
  expect(timing?.timed.map(({ workgroup, rows }) => ({ workgroup, rows }))).toHaveLength(
    LAYOUTS.length,
  );
  expect(timing?.timed[0]).toMatchObject(layoutOf(gpu.profile));
  for (const { ms, samples } of timing?.timed ?? []) {
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThan(1e4);
    expect(samples).toBeGreaterThan(0);
  }
  expect(seen).toEqual(LAYOUTS.map((_, i) => i + 1));
});

test('without time to compile, or when nobody waits any more, there is no timing', async () => {
  const gpu = await device(false);
  expect(await timeLayouts(gpu, WORK, { compileMs: 0, timeMs: 500 }, patient)).toBeNull();
  const cancelled = () => true;
  const effort = { compileMs: 60_000, timeMs: 500 };
  expect(await timeLayouts(gpu, WORK, effort, { ...patient, cancelled })).toBeNull();
  let questions = 0;
  const soon = { ...patient, cancelled: () => ++questions > LAYOUTS.length + 3 };
  expect(await timeLayouts(gpu, WORK, effort, soon)).toBeNull();
});

test('what does not fit the device is refused, and nothing is left of it', async () => {
  const gpu = await device();
  const most = gpu.device.limits.maxStorageBufferBindingSize;
  const work = { ...WORK, rows: 1, drawn: 1, linears: [{ out: most / 64, inner: 64 }] };
  await expect(
    timeLayouts(gpu, work, { compileMs: 60_000, timeMs: 500 }, patient),
  ).rejects.toMatchObject({ failure: { kind: 'limitTooSmall' } });
});
