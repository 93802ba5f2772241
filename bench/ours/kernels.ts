import type { Gpu } from '../../src/gpu/device';
import { gradientItems, matmulConstants, matmulGradients } from '../../src/gpu/kernels/matmul';
import { softmaxFor } from '../../src/gpu/kernels/softmax';
import type { View } from '../../src/gpu/kernel';
import { Memory } from '../../src/gpu/memory';
import { Plan } from '../../src/gpu/plan';
import { NEUTRAL, packSettings, SETTINGS_WORDS } from '../../src/gpu/run_settings';
import { kernelCache } from '../../src/gpu/transformer/kernels';
import type { Trial } from '../harness/case';
import type { ProductProblem, SoftmaxProblem } from '../harness/problems';

/**
 * Single kernels of the engine. The one file of the benchmark that knows kernels by name: when they change, change this.
 */

/** (n, n) times (n, n); n a multiple of 4. */
export async function product(gpu: Gpu, { n, a, b }: ProductProblem): Promise<Trial> {
  const { device } = gpu;
  const kernel = await kernelCache(device).get(matmulGradients, matmulConstants(gpu.profile));
  const memory = new Memory(device);
  const [d_y, w] = [filled(device, memory, 'a', a), filled(device, memory, 'b', b)];
  const [d_x, unused] = [memory.storage('c', n * n), memory.storage('unused', 4)];
  const size = { rows: n, out: n, inner: n };
  const { dX } = gradientItems(kernel, size);
  const params = { rows: n, out4: n / 4, in4: n / 4, w_run: 0, d_x_items: dX, add: 0, add_x: 0 };
  const plan = new Plan(device, 'product');
  // Of the two gradients of a layer the one of its input, which is a product as it stands.
  plan.add(kernel, { d_y, w, x: w, d_x, d_w: unused }, params, dX, 1);
  return repeated(device, memory, plan, () => read(device, d_x, n * n));
}

/** Softmax of every row, at temperature 1; columns a multiple of 4. */
export async function softmax(gpu: Gpu, { rows, columns, x }: SoftmaxProblem): Promise<Trial> {
  const { device, profile } = gpu;
  const kernel = await softmaxFor(kernelCache(device), profile, columns);
  const memory = new Memory(device);
  const settings = new ArrayBuffer(SETTINGS_WORDS * 4);
  packSettings(new DataView(settings), 0, NEUTRAL);
  const views = {
    settings: filled(device, memory, 'settings', new Uint32Array(settings)),
    logits: filled(device, memory, 'logits', x),
    p: memory.storage('p', rows * columns),
  };
  const plan = new Plan(device, 'softmax');
  plan.add(kernel, views, { rows, vocab: columns, width: columns / 4 }, rows, 1);
  return repeated(device, memory, plan, () => read(device, views.p, rows * columns));
}

/** All repeats in one pass and one submit. */
function repeated(device: GPUDevice, memory: Memory, plan: Plan, outcome: Trial['outcome']): Trial {
  plan.seal();
  return {
    async run(times) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let n = 0; n < times; n++) plan.encode(pass);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    },
    ...(outcome ? { outcome } : {}),
    destroy() {
      plan.destroy();
      memory.destroy();
    },
  };
}

function filled(
  device: GPUDevice,
  memory: Memory,
  name: string,
  values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
): View {
  const view = memory.storage(name, values.length);
  device.queue.writeBuffer(view.buffer, 0, values);
  return view;
}

async function read(device: GPUDevice, { buffer }: View, count: number) {
  const staging = device.createBuffer({
    size: count * 4,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, count * 4);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}
