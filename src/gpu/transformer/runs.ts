import { parameterLayout, ropeTables, type ParameterLayout } from '../../model/layout';
import type { ModelSpec } from '../../model/spec';
import { checked, type Gpu } from '../device';
import { watchLoss, type DeviceLoss } from '../device_loss';
import type { View } from '../kernel';
import { Memory } from '../memory';
import type { Plan } from '../plan';
import { packSettings, SETTINGS_WORDS, type RunSettings } from '../run_settings';
import { timePlan, type Clock } from '../timing';
import { activations, gradients, STATS_WIDTH } from './activations';
import type { PassInputs } from './forward';
import { compileKernels } from './kernels';
import { recordPlans, type Plans } from './plans';
import { policyBuffers, type PolicyBuffers } from './policy_buffers';
import { Readback } from './readback';
import { everyRow, rolloutBuffers, type RolloutBuffers } from './rollout_buffers';
import {
  UPDATE_WORDS,
  type DispatchTime,
  type ParameterBuffer,
  type RunsShape,
  type StepReadback,
} from './shapes';
import { updateOutputs, type UpdateOutputs } from './update';

/** Plans that a step is made of. */
export type TimedPlan = 'decode' | 'reference' | 'gradient' | 'selectingGradient' | 'optimiser';

/**
 * R policies of one shape on one device, with everything to generate rollouts and update on them. All buffers, bind
 * groups and parameter blocks are made in `create`; after that each operation writes a few small buffers and submits
 * one command buffer.
 */
export class TransformerRuns {
  readonly layout: ParameterLayout;
  readonly shape: RunsShape;
  readonly #gpu: Gpu;
  readonly #memory: Memory;
  readonly #policy: PolicyBuffers;
  readonly #base: View;
  /** Weights that the last updates began with. */
  readonly #kept: View;
  readonly #rollouts: RolloutBuffers;
  readonly #settings: View;
  readonly #settingsData: DataView<ArrayBuffer>;
  readonly #rows: View;
  readonly #outputs: UpdateOutputs;
  readonly #history: View;
  readonly #readback: Readback;
  readonly #plans: Plans;
  readonly #planBytes: number;
  readonly #stats: View;
  readonly #logits: View;
  readonly #dLogits: View;
  #pendingUpdates = 0;
  /** Whether a run's loss needs the pass that selects tokens. */
  #selects = false;
  readonly #loss: DeviceLoss;

  /** `progress` counts compiled kernels. Throws RlvrError `limitTooSmall`, `outOfMemory` or `shaderCompile`. */
  static async create(
    gpu: Gpu,
    spec: ModelSpec,
    shape: RunsShape,
    progress?: (done: number, total: number) => void,
  ): Promise<TransformerRuns> {
    const kernels = await compileKernels(gpu, spec, progress);
    const memory = new Memory(gpu.device);
    try {
      return await checked(
        gpu.device,
        () => memory.bytes,
        () => new TransformerRuns(gpu, spec, shape, kernels, memory),
      );
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  private constructor(
    gpu: Gpu,
    spec: ModelSpec,
    shape: RunsShape,
    kernels: PassInputs['kernels'],
    memory: Memory,
  ) {
    const { device } = gpu;
    const { runs, rows, length, minibatchRows } = shape;
    this.#gpu = gpu;
    this.#memory = memory;
    this.shape = shape;
    this.layout = parameterLayout(spec);
    this.#policy = policyBuffers(memory, this.layout, runs);
    this.#base = memory.storage('base weights', runs * this.layout.total);
    this.#rollouts = rolloutBuffers(memory, { runs, rows, length });
    this.#settings = memory.storage('settings', runs * SETTINGS_WORDS);
    this.#settingsData = new DataView(new ArrayBuffer(runs * SETTINGS_WORDS * 4));
    this.#rows = memory.storage('minibatch rows', runs * minibatchRows * 4);
    const allRows = memory.storage('all rows', runs * rows * 4);
    const tables = ropeTables(spec, length);
    const rope = {
      cosine: memory.storage('cosine', tables.cosine.length),
      sine: memory.storage('sine', tables.sine.length),
    };
    device.queue.writeBuffer(rope.cosine.buffer, 0, tables.cosine);
    device.queue.writeBuffer(rope.sine.buffer, 0, tables.sine);
    device.queue.writeBuffer(allRows.buffer, 0, everyRow(runs, rows));

    const batch = { runs, rows: minibatchRows, positions: length - 1 };
    const acts = activations(memory, spec, batch, 'update');
    const grads = gradients(memory, spec, batch, 'update');
    this.#stats = grads.stats;
    this.#logits = acts.logits;
    this.#dLogits = grads.dLogits;
    this.#outputs = updateOutputs(memory, runs, minibatchRows * batch.positions, this.layout.total);
    this.#history = memory.storage('update history', shape.updates * runs * UPDATE_WORDS);
    this.#readback = new Readback(
      gpu,
      memory,
      3 * this.#rollouts.plane + shape.updates * runs * UPDATE_WORDS,
    );

    const inputs: PassInputs = {
      kernels,
      policy: this.#policy,
      rollouts: this.#rollouts,
      rows: this.#rows,
      rope,
    };
    this.#kept = memory.storage('weights before the updates', runs * this.layout.total);
    this.#plans = recordPlans(device, memory, inputs, {
      shape,
      allRows,
      acts,
      grads,
      settings: this.#settings,
      outputs: this.#outputs,
      base: this.#base,
      kept: this.#kept,
    });
    this.#planBytes = Object.values(this.#plans).reduce((sum, p) => sum + p.seal(), 0);
    this.#loss = watchLoss(device);
  }

  /** Bytes of GPU memory held, parameter blocks included. */
  get bytes(): number {
    return this.#memory.bytes + this.#planBytes;
  }

  get bufferCount(): number {
    return this.#memory.count + Object.keys(this.#plans).length;
  }

  /** Dispatches of one update and of one rollout batch. */
  get dispatches(): { readonly update: number; readonly rollout: number } {
    const { gradient, optimiser, decode } = this.#plans;
    return { update: gradient.length + optimiser.length, rollout: decode.length };
  }

  /** Kernels of a plan, in the order they run. */
  labels(plan: TimedPlan): readonly string[] {
    return this.#plans[plan].labels;
  }

  get buffers(): readonly { readonly name: string; readonly bytes: number }[] {
    return [...this.#memory.list, { name: 'parameters of dispatches', bytes: this.#planBytes }];
  }

  get deviceLost(): GPUDeviceLostInfo | null {
    return this.#loss.info;
  }

  /** Overwrites one run's part of a parameter buffer: `flat` has layout.total numbers. */
  writeParameters(which: ParameterBuffer, run: number, flat: Float32Array<ArrayBuffer>): void {
    this.#gpu.device.queue.writeBuffer(
      this.#policy[which].buffer,
      run * this.layout.total * 4,
      flat,
    );
  }

  /** Sets the policy that KL is measured against. */
  writeBase(run: number, flat: Float32Array<ArrayBuffer>): void {
    this.#gpu.device.queue.writeBuffer(this.#base.buffer, run * this.layout.total * 4, flat);
  }

  /** One run's part of a parameter buffer. */
  async readParameters(which: ParameterBuffer, run: number): Promise<Float32Array<ArrayBuffer>> {
    const bytes = this.layout.total * 4;
    return new Float32Array(
      await this.#readback.once(this.#policy[which].buffer, run * bytes, bytes),
    );
  }

  writeSettings(settings: readonly RunSettings[]): void {
    this.#selects = settings.some(({ selects }) => selects === 1);
    settings.forEach((row, run) => packSettings(this.#settingsData, run, row));
    this.#gpu.device.queue.writeBuffer(this.#settings.buffer, 0, this.#settingsData.buffer);
  }

  /** Uploads prompts: tokens (R, rows, length), prompt lengths (R, rows). Lengths of responses start open. */
  writePrompts(tokens: Uint32Array<ArrayBuffer>, promptLengths: Uint32Array): void {
    const spans = new Uint32Array(2 * promptLengths.length);
    promptLengths.forEach((n, i) => (spans[2 * i] = n));
    this.#gpu.device.queue.writeBuffer(this.#rollouts.tokens.buffer, 0, tokens);
    this.#gpu.device.queue.writeBuffer(this.#rollouts.spans.buffer, 0, spans);
  }

  /** Uploads one plane (R, rows, length) of the rollout record. */
  writeRecord(plane: number, values: Float32Array<ArrayBuffer>): void {
    this.#gpu.device.queue.writeBuffer(
      this.#rollouts.record.buffer,
      plane * this.#rollouts.plane * 4,
      values,
    );
  }

  /** Generates a response for every prompt that was written. */
  generate(): void {
    this.#submit('generate', (encoder) => encodeInto(encoder, this.#plans.decode));
  }

  /** Selects the rollout rows of the next update or reference pass: (R, minibatchRows, 4), see policy_loss.wgsl. */
  writeRows(rows: Uint32Array<ArrayBuffer>): void {
    this.#gpu.device.queue.writeBuffer(this.#rows.buffer, 0, rows);
  }

  /** Log-probabilities of the selected rows under the base policy, for KL. */
  reference(): void {
    this.#submit('reference', (encoder) => encodeInto(encoder, this.#plans.reference));
  }

  /**
   * Statistics of the selected rows alone, a third of the work of `gradient`. No token selection takes place. Under the
   * weights as they are, or as the last `update` with `keep` found them.
   */
  loss(weights: 'now' | 'kept' = 'now'): void {
    this.#submit('loss', (encoder) => {
      encodeInto(encoder, weights === 'kept' ? this.#plans.keptLoss : this.#plans.loss);
      this.#keepStatistics(encoder);
    });
  }

  /** Gradient and statistics of the selected rows, without a step; kept for the next readback. */
  gradient(): void {
    this.#submit('gradient', (encoder) => {
      encodeInto(encoder, this.#gradientPlan);
      this.#keepStatistics(encoder);
    });
  }

  /** One update: gradient, clip, AdamW. One command buffer, one submit. With `keep` the weights of before are kept. */
  update({ keep = false } = {}): void {
    this.#submit('update', (encoder) => {
      const { weights } = this.#policy;
      const bytes = this.shape.runs * this.layout.total * 4;
      if (keep) encoder.copyBufferToBuffer(weights.buffer, 0, this.#kept.buffer, 0, bytes);
      encodeInto(encoder, this.#gradientPlan, this.#plans.optimiser);
      this.#keepStatistics(encoder);
    });
  }

  /** <grads, v> per run, where `v` was filled with another gradient by `writeParameters`. */
  async dotWithV(): Promise<number[]> {
    this.#submit('dot', (encoder) => encodeInto(encoder, this.#plans.dot));
    const bytes = this.shape.runs * 16;
    const sums = new Float32Array(await this.#readback.once(this.#outputs.norm.buffer, 0, bytes));
    return Array.from({ length: this.shape.runs }, (_, run) => sums[4 * run] ?? 0);
  }

  /** Per-token (logprob, entropy, ratio, drive) of the last gradient: (R, minibatchRows, length - 1, 4). */
  async readTokenStats(): Promise<Float32Array> {
    const { runs, minibatchRows, length } = this.shape;
    const count = runs * minibatchRows * (length - 1);
    const all = new Float32Array(
      await this.#readback.once(this.#stats.buffer, 0, count * STATS_WIDTH * 16),
    );
    const last = new Float32Array(count * 4);
    for (let n = 0; n < count; n++) {
      last.set(all.subarray((n * STATS_WIDTH + 4) * 4, (n * STATS_WIDTH + 5) * 4), n * 4);
    }
    return last;
  }

  /** Logits of the last pass over selected rows: (R, minibatchRows, length - 1, padded vocab). */
  readLogits(): Promise<Float32Array> {
    return this.#readRows(this.#logits);
  }

  /** The distributions that they stand for, at the temperature of the settings. Same shape. */
  readDistributions(): Promise<Float32Array> {
    this.#submit('softmax', (encoder) => encodeInto(encoder, this.#plans.softmax));
    return this.#readRows(this.#dLogits);
  }

  /**
   * Everything a step reads, in one map: the rollouts (unless `rollouts` is false) and the statistics of the updates
   * since the last call.
   */
  async read({ rollouts }: { rollouts: boolean }): Promise<StepReadback> {
    const { plane } = this.#rollouts;
    const { runs } = this.shape;
    const updates = this.#pendingUpdates;
    this.#pendingUpdates = 0;
    const historyBytes = updates * runs * UPDATE_WORDS * 4;
    const bytes = await this.#readback.read((encoder, staging) => {
      let at = 0;
      if (rollouts) {
        encoder.copyBufferToBuffer(this.#rollouts.tokens.buffer, 0, staging, 0, plane * 4);
        encoder.copyBufferToBuffer(this.#rollouts.record.buffer, 0, staging, plane * 4, plane * 8);
        at = plane * 12;
      }
      if (updates > 0)
        encoder.copyBufferToBuffer(this.#history.buffer, 0, staging, at, historyBytes);
      return at + historyBytes;
    });
    const head = rollouts ? plane : 0;
    return {
      tokens: new Uint32Array(bytes, 0, head),
      logprob: new Float32Array(bytes, head * 4, head),
      entropy: new Float32Array(bytes, head * 8, head),
      updates: new Float32Array(bytes, head * 12, updates * runs * UPDATE_WORDS),
    };
  }

  /** Time of each dispatch of a plan, run `repeats` times by itself: where the time of a step goes. */
  profile(plan: TimedPlan, repeats: number, clock: Clock = 'wall'): Promise<DispatchTime[]> {
    return timePlan(this.#gpu.device, this.#plans[plan], repeats, clock);
  }

  /** The rollouts alone: statistics of updates stay for the next `read`. */
  async readRollouts(): Promise<StepReadback> {
    const pending = this.#pendingUpdates;
    this.#pendingUpdates = 0;
    const rollouts = await this.read({ rollouts: true });
    this.#pendingUpdates = pending;
    return rollouts;
  }

  destroy(): void {
    this.#memory.destroy();
    for (const plan of Object.values(this.#plans)) plan.destroy();
  }

  get #gradientPlan(): Plan {
    return this.#selects ? this.#plans.selectingGradient : this.#plans.gradient;
  }

  #keepStatistics(encoder: GPUCommandEncoder): void {
    const { runs, updates } = this.shape;
    if (this.#pendingUpdates >= updates) throw new Error('too many updates between two readbacks');
    // Sums and norms of one update follow each other: (R, 7) vec4f, then (R) vec4f.
    const at = this.#pendingUpdates++ * runs * UPDATE_WORDS * 4;
    const sums = runs * STATS_WIDTH * 16;
    encoder.copyBufferToBuffer(this.#outputs.statsSum.buffer, 0, this.#history.buffer, at, sums);
    const norm = this.#outputs.norm.buffer;
    encoder.copyBufferToBuffer(norm, 0, this.#history.buffer, at + sums, runs * 16);
  }

  /** (R, minibatchRows, length - 1, padded vocab). */
  async #readRows({ buffer }: View): Promise<Float32Array> {
    const { runs, minibatchRows, length } = this.shape;
    const bytes = runs * minibatchRows * (length - 1) * this.layout.dims.vocab * 4;
    return new Float32Array(await this.#readback.once(buffer, 0, bytes));
  }

  #submit(label: string, record: (encoder: GPUCommandEncoder) => void): void {
    const encoder = this.#gpu.device.createCommandEncoder({ label });
    record(encoder);
    this.#gpu.device.queue.submit([encoder.finish()]);
  }
}

function encodeInto(encoder: GPUCommandEncoder, ...plans: Plan[]): void {
  const pass = encoder.beginComputePass();
  for (const plan of plans) plan.encode(pass);
  pass.end();
}
