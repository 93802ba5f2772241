import type { Gpu } from '../gpu/device';
import { KernelCache, type View } from '../gpu/kernel';
import { policyLoss } from '../gpu/kernels/policy_loss';
import { Memory } from '../gpu/memory';
import { Plan } from '../gpu/plan';
import { NEUTRAL, packSettings, SETTINGS_WORDS } from '../gpu/run_settings';
import { DeviceWait } from '../gpu/device_wait';
import { Readback } from '../gpu/transformer/readback';
import { OBJECTIVES } from '../recipe/recipe';
import { pushedLogits, type Push, type Pushed } from '../rl/one_softmax';
import { STAT } from './update_stats';

/** Words of a token in the kernel's statistics: 7 of vec4f. */
const STATS_WORDS = 28;

/** One response of one token after a prompt of one. */
const LENGTH = 2;

const caches = new WeakMap<GPUDevice, KernelCache>();

/** The loss kernel of training, policy_loss.wgsl, on one row alone; then once more on the logits after the step. */
export async function pushOnceOnGpu(gpu: Gpu, push: Push): Promise<Pushed> {
  const before = await lossOfRow(gpu, push);
  const after = await lossOfRow(gpu, { ...push, logits: pushedLogits(push, before.gradient) });
  return { ...before, entropyAfter: after.entropy };
}

type Row = Omit<Pushed, 'entropyAfter'>;

async function lossOfRow(gpu: Gpu, { logits, token, advantage }: Push): Promise<Row> {
  const { device } = gpu;
  const cache = caches.get(device) ?? new KernelCache(device);
  caches.set(device, cache);
  const kernel = await cache.get(policyLoss, { WG: gpu.profile.row });

  const vocab = logits.length;
  const stride = Math.ceil(vocab / 4) * 4;
  const memory = new Memory(device);
  const plan = new Plan(device, 'one softmax');
  try {
    const filled = (name: string, words: ArrayBufferView<ArrayBuffer>): View => {
      const view = memory.storage(name, words.byteLength / 4);
      device.queue.writeBuffer(view.buffer, 0, words.buffer, words.byteOffset, words.byteLength);
      return view;
    };
    const record = new Float32Array(4 * LENGTH);
    record[3 * LENGTH + 1] = advantage;
    const buffers = {
      settings: filled('settings', settingsRow()),
      rows: filled('rows', Uint32Array.of(0, 1, LENGTH, 0)),
      tokens: filled('tokens', Uint32Array.of(0, token)),
      record: filled('record', record),
      logits: filled(
        'logits',
        Float32Array.from({ length: stride }, (_, v) => logits[v] ?? 0),
      ),
      selection: filled('selection', new Float32Array(4)),
      d_logits: memory.storage('d_logits', stride),
      stats: memory.storage('stats', STATS_WORDS),
    };
    const params = {
      rows: 1,
      positions: 1,
      first: 0,
      length: LENGTH,
      rollout_rows: 1,
      vocab,
      vocab_stride: stride,
      plane: LENGTH,
      minibatch_rows: 1,
    };
    plan.add(kernel, buffers, params, 1, 1);
    plan.seal();
    const encoder = device.createCommandEncoder({ label: 'one softmax' });
    const pass = encoder.beginComputePass();
    plan.encode(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);

    const readback = new Readback(device, DeviceWait.of(gpu), memory, 4);
    const read = async ({ buffer }: View, words: number) =>
      new Float32Array(await readback.once(buffer, 0, 4 * words));
    const stats = await read(buffers.stats, STATS_WORDS);
    const gradient = await read(buffers.d_logits, stride);
    return {
      logprob: stats[STAT.logprob] ?? NaN,
      entropy: stats[STAT.entropy] ?? NaN,
      drive: stats[STAT.drive] ?? NaN,
      gradient: Array.from(gradient.subarray(0, vocab)),
    };
  } finally {
    plan.destroy();
    memory.destroy();
  }
}

/** `reinforce`: the token was drawn from this very policy, so the ratio is 1 and nothing is clipped. */
function settingsRow(): DataView<ArrayBuffer> {
  const row = new DataView(new ArrayBuffer(4 * SETTINGS_WORDS));
  packSettings(row, 0, { ...NEUTRAL, objective: OBJECTIVES.indexOf('reinforce') });
  return row;
}
