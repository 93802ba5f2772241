import type { Gpu } from '../../src/gpu/device';
import { matmulConstants, matmulItems, matmulNN } from '../../src/gpu/kernels/matmul';
import { policyLoss } from '../../src/gpu/kernels/policy_loss';
import type { View } from '../../src/gpu/kernel';
import { Memory } from '../../src/gpu/memory';
import { Plan } from '../../src/gpu/plan';
import { NEUTRAL, packSettings, SETTINGS_WORDS } from '../../src/gpu/run_settings';
import { kernelCache } from '../../src/gpu/transformer/kernels';
import { STATS_WIDTH } from '../../src/gpu/transformer/activations';
import { PLANE } from '../../src/gpu/transformer/rollout_buffers';
import { OBJECTIVES } from '../../src/recipe/recipe';
import type { Trial } from '../harness/case';
import type { ProductProblem, SoftmaxProblem } from '../harness/problems';

/**
 * Single kernels of the engine. The one file of the benchmark that knows kernels by name: when they change, change this.
 */

/** (n, n) times (n, n); n a multiple of 4. */
export async function product(gpu: Gpu, { n, a, b }: ProductProblem): Promise<Trial> {
  const { device } = gpu;
  const kernel = await kernelCache(device).get(matmulNN, matmulConstants(gpu.profile));
  const memory = new Memory(device);
  const views = {
    a: filled(device, memory, 'a', a),
    b: filled(device, memory, 'b', b),
    c: memory.storage('c', n * n),
  };
  const q = n / 4;
  const params = {
    ...{ m: n, n4: q, k: q, a_row: q, b_row: q, c_row: q },
    ...{ a_run: 0, b_run: 0, c_run: 0, add: 0 },
  };
  const plan = new Plan(device, 'product');
  plan.add(kernel, views, params, matmulItems(kernel, n, n), 1);
  return repeated(device, memory, plan, () => read(device, views.c, n * n));
}

/**
 * The engine has no softmax by itself: it is part of the loss. With objective `reinforce` and advantage 1 the gradient of
 * the loss at the logits is softmax less one at the chosen token, so this is a softmax and, beyond what the others do,
 * the log-probability, the entropy and the statistics of every row.
 */
export async function softmax(gpu: Gpu, { rows, columns, x }: SoftmaxProblem): Promise<Trial> {
  const { device, profile } = gpu;
  const kernel = await kernelCache(device).get(policyLoss, { WG: profile.row });
  const memory = new Memory(device);
  // A row of logits is the one position of a response to a prompt of one token.
  const length = 2;
  const plane = rows * length;
  const settings = new ArrayBuffer(SETTINGS_WORDS * 4);
  packSettings(new DataView(settings), 0, {
    ...NEUTRAL,
    objective: OBJECTIVES.indexOf('reinforce'),
  });
  const record = new Float32Array((PLANE.advantage + 1) * plane);
  record.fill(1, PLANE.advantage * plane);
  const views = {
    settings: filled(device, memory, 'settings', new Uint32Array(settings)),
    rows: filled(
      device,
      memory,
      'rows',
      Uint32Array.from({ length: 4 * rows }, (_, i) => [i >> 2, 1, length, 0][i % 4] ?? 0),
    ),
    tokens: memory.storage('tokens', plane),
    record: filled(device, memory, 'record', record),
    logits: filled(device, memory, 'logits', x),
    selection: memory.storage('selection', rows * 4),
    d_logits: memory.storage('d_logits', rows * columns),
    stats: memory.storage('stats', rows * STATS_WIDTH * 4),
  };
  const params = {
    ...{ rows, positions: 1, first: 0, length, rollout_rows: rows },
    ...{ vocab: columns, vocab_stride: columns, plane },
  };
  const plan = new Plan(device, 'softmax');
  plan.add(kernel, views, params, rows, 1);
  return repeated(device, memory, plan, async () => {
    const gradient = await read(device, views.d_logits, rows * columns);
    for (let row = 0; row < rows; row++) {
      gradient[row * columns] = (gradient[row * columns] ?? NaN) + 1; // every token is 0
    }
    return gradient;
  });
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
