import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/errors/describe';
import { RlvrError, type Failure } from '../../src/errors/failure';
import { requestGpu } from '../../src/gpu/device';
import { KernelCache } from '../../src/gpu/kernel';
import { swiglu } from '../../src/gpu/kernels/swiglu';
import { TransformerRuns } from '../../src/gpu/transformer/runs';
import type { ModelSpec } from '../../src/model/spec';
import { freshDevice } from '../setup/device';
import { testGpu } from '../setup/engine';

const model: ModelSpec = {
  vocab_size: 7,
  hidden_size: 8,
  intermediate_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
};
const shape = {
  runs: 1,
  rows: 2,
  length: 6,
  promptLength: 2,
  minibatchRows: 2,
  updates: 1,
  eos: 7,
};

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RlvrError);
  return (error as RlvrError).failure;
}

describe('what goes wrong has its own kind', () => {
  test('no WebGPU', async () => {
    expect(await failureOf(requestGpu(undefined))).toEqual({ kind: 'noWebGPU' });
  });

  test('no adapter', async () => {
    const gpu = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
    expect(await failureOf(requestGpu(gpu))).toEqual({ kind: 'noAdapter' });
  });

  test('a limit too small, found before anything runs, with both numbers', async () => {
    // 2^20 rows of 6 positions: some activation needs more than a default binding's 128 MiB.
    const failure = await failureOf(
      TransformerRuns.create(await testGpu(), model, {
        ...shape,
        rows: 2 ** 20,
        minibatchRows: 2 ** 20,
      }),
    );
    expect(failure.kind).toBe('limitTooSmall');
    if (failure.kind !== 'limitTooSmall') return;
    expect(failure.need).toBeGreaterThan(failure.have);
    expect(['maxBufferSize', 'maxStorageBufferBindingSize']).toContain(failure.limit);
  });

  test('a shader that does not compile, with its line', async () => {
    const { device } = await testGpu();
    const broken = { ...swiglu, wgsl: swiglu.wgsl.replace('let n = i', 'let n = missing_name') };
    const failure = await failureOf(new KernelCache(device).get(broken, { WG: 64 }));
    expect(failure).toMatchObject({ kind: 'shaderCompile', kernel: 'swiglu' });
    expect(JSON.stringify(failure)).toMatch(/line \d+.*missing_name/);
  });

  test('a lost device ends every wait', async () => {
    const gpu = await testGpu();
    const device = await freshDevice();
    const runs = await TransformerRuns.create({ ...gpu, device }, model, shape);
    device.destroy();
    expect((await failureOf(runs.read({ rollouts: true }))).kind).toBe('deviceLost');
  });
});

test('each kind has its own sentences, on the page and in the terminal', () => {
  const failures: Failure[] = [
    { kind: 'noWebGPU' },
    { kind: 'noAdapter' },
    { kind: 'limitTooSmall', limit: 'maxBufferSize', have: 1, need: 2 },
    { kind: 'outOfMemory', bytes: 5e9 },
    { kind: 'shaderCompile', kernel: 'matmul_nt', detail: 'line 3' },
    { kind: 'deviceLost', detail: 'gone' },
  ];
  for (const surface of ['page', 'terminal'] as const) {
    const texts = failures.map((failure) => describeFailure(failure, surface));
    for (const { title, what, kept, action } of texts) {
      for (const text of [title, what, kept, action]) expect(text.length).toBeGreaterThan(10);
    }
    expect(new Set(texts.map(({ title }) => title)).size).toBe(failures.length);
    expect(new Set(texts.map(({ action }) => action)).size).toBe(failures.length);
  }
});
