import type { Gpu } from '../../src/gpu/device';
import type { ModelSpec } from '../../src/model/spec';
import { product } from '../ours/kernels';
import { median } from './statistics';
import { productProblem } from './problems';

/** What this adapter charges for the three things a step is made of. */
export interface Prices {
  /** Of our product of two 512 x 512 matrices. */
  readonly gflops: number;
  /** Of an empty dispatch among others of one pass. */
  readonly dispatch_us: number;
  /** Of an empty submit with a copy of 4 bytes to the CPU. */
  readonly readback_ms: number;
}

const DISPATCHES = 1000;
const SAMPLES = 5;

async function medianTime(work: () => Promise<void>): Promise<number> {
  await work();
  const times: number[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return median(times);
}

export async function prices(gpu: Gpu): Promise<Prices> {
  const { device } = gpu;
  const n = 512;
  const trial = await product(gpu, productProblem(n));
  const productMs = await medianTime(() => trial.run(1));
  await trial.destroy();

  const empty = device.createComputePipeline({
    layout: 'auto',
    compute: {
      module: device.createShaderModule({ code: '@compute @workgroup_size(1) fn main() {}' }),
    },
  });
  const source = device.createBuffer({ size: 4, usage: GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({
    size: 4,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const dispatchesAndReadback = async (dispatches: number) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(empty);
    for (let i = 0; i < dispatches; i++) pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(source, 0, staging, 0, 4);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    staging.unmap();
  };
  const readback_ms = await medianTime(() => dispatchesAndReadback(0));
  const all = await medianTime(() => dispatchesAndReadback(DISPATCHES));
  source.destroy();
  staging.destroy();
  return {
    gflops: (2 * n ** 3) / productMs / 1e6,
    dispatch_us: (Math.max(0, all - readback_ms) / DISPATCHES) * 1000,
    readback_ms,
  };
}

/** Floating-point operations of a step of `runs` runs: every product, and attention below the diagonal. */
export function stepFlop(size: { spec: ModelSpec; runs: number; rows: number; length: number }): {
  readonly generation: number;
  readonly update: number;
} {
  const { spec, runs, rows, length } = size;
  const { hidden_size: width, intermediate_size: inner, num_hidden_layers: layers } = spec;
  const keys = width * (spec.num_key_value_heads / spec.num_attention_heads);
  const layer = 2 * width * width + 2 * width * keys + 3 * width * inner;
  const weights = layers * layer + width * spec.vocab_size;
  const positions = length - 1; // the last token is not fed
  const attention = layers * 2 * width * positions ** 2;
  const forward = runs * rows * (2 * weights * positions + attention);
  return { generation: forward, update: 3 * forward };
}

/** Milliseconds below which the work cannot be done at these prices. */
export function floorOf(prices: Prices, flop: number, dispatches: number): number {
  return flop / prices.gflops / 1e6 + (dispatches * prices.dispatch_us) / 1000 + prices.readback_ms;
}
