import { parameterLayout, ropeTables, type ParameterLayout } from '../../model/layout';
import type { ModelSpec } from '../../model/spec';
import { checked, type Gpu } from '../device';
import { watchLoss, type DeviceLoss } from '../device_loss';
import { DeviceWait } from '../device_wait';
import type { View } from '../kernel';
import { Memory } from '../memory';
import { Pace } from '../pace';
import type { Plan } from '../plan';
import { packSettings, SETTINGS_WORDS, type RunSettings } from '../run_settings';
import { timePlan, type Clock } from '../timing';
import { STATS_WIDTH } from './activations';
import { estimateMemory, passesOf, readbackWords, runsBuffers, type RunsBuffers } from './buffers';
import type { PassInputs } from './cover';
import { compileKernels } from './kernels';
import { lastOfTokens, minibatchWork, rowsByPass, updatePlans, type TimedPlan } from './passes';
import { recordPartPlans, recordPlans, type PartPlans, type Plans } from './plans';
import { Readback } from './readback';
import { everyRow } from './rollout_buffers';
import {
  UPDATE_WORDS,
  type DispatchTime,
  type ParameterBuffer,
  type RunsShape,
  type StepReadback,
} from './shapes';

/**
 * R policies of one shape on one device, with everything to generate rollouts and update on them. All buffers, bind
 * groups and parameter blocks are made in `create`; after that each operation writes a few small buffers and submits
 * its work, in one piece unless that takes long (pace.ts). Wait for an operation before the next one.
 */
export class TransformerRuns {
  readonly layout: ParameterLayout;
  readonly shape: RunsShape;
  readonly #gpu: Gpu;
  readonly #memory: Memory;
  /** Rows that one pass takes. */
  readonly passRows: number;
  readonly #passes: number;
  readonly #buffers: RunsBuffers;
  readonly #settingsData: DataView<ArrayBuffer>;
  readonly #readback: Readback;
  readonly #pace: Pace;
  readonly #plans: Plans;
  readonly #partPlans: PartPlans;
  readonly #planBytes: number;
  /** Passes of the rows that were written last. */
  #written = 1;
  #pendingUpdates = 0;
  /** Whether a run's loss needs the pass that selects tokens. */
  #selects = false;
  /** Weights of the last pass over selected rows. */
  #passWeights: 'now' | 'kept' = 'now';
  readonly #loss: DeviceLoss;

  /** `progress` counts compiled kernels. Throws RlvrError `limitTooSmall`, `outOfMemory` or `shaderCompile`. */
  static async create(
    gpu: Gpu,
    spec: ModelSpec,
    shape: RunsShape,
    progress?: (done: number, total: number) => void,
  ): Promise<TransformerRuns> {
    estimateMemory(spec, shape, gpu.device.limits); // refuses before anything is compiled
    const kernels = await compileKernels(gpu, spec, progress);
    const memory = new Memory(gpu.device);
    let made: TransformerRuns | null = null;
    try {
      return await checked(
        gpu.device,
        () => memory.bytes,
        () => (made = new TransformerRuns(gpu, spec, shape, kernels, memory)),
      );
    } catch (error) {
      // The device says only afterwards that it refused a buffer; the plans have some of their own.
      for (const held of [made, memory]) held?.destroy();
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
    const { runs, rows, length } = shape;
    this.#gpu = gpu;
    this.#memory = memory;
    this.shape = shape;
    this.layout = parameterLayout(spec);
    const { passRows, passes } = passesOf(shape);
    if (!Number.isInteger(passes)) throw new Error('an update takes whole passes');
    this.passRows = passRows;
    this.#passes = passes;
    this.#buffers = runsBuffers(memory, spec, shape);
    this.#settingsData = new DataView(new ArrayBuffer(runs * SETTINGS_WORDS * 4));
    const { allRows, rope } = this.#buffers;
    const tables = ropeTables(spec, length);
    device.queue.writeBuffer(rope.cosine.buffer, 0, tables.cosine);
    device.queue.writeBuffer(rope.sine.buffer, 0, tables.sine);
    device.queue.writeBuffer(allRows.buffer, 0, everyRow(runs, rows));
    this.#pace = Pace.of(gpu);
    this.#readback = new Readback(device, DeviceWait.of(gpu), memory, readbackWords(shape), () =>
      this.#pace.settled(),
    );
    this.#plans = recordPlans(device, kernels, this.#buffers, shape);
    this.#partPlans = recordPartPlans(device, kernels, this.#buffers);
    this.#planBytes = this.#allPlans().reduce((sum, p) => sum + p.seal(), 0);
    this.#loss = watchLoss(device);
  }

  /** Bytes of GPU memory held, parameter blocks included. */
  get bytes(): number {
    return this.#memory.bytes + this.#planBytes;
  }

  get bufferCount(): number {
    return this.#memory.count + this.#allPlans().length;
  }

  /** Dispatches of one update and of one rollout batch, where no tokens are selected. */
  get dispatches(): { readonly update: number; readonly rollout: number } {
    const update = this.updatePlans({ selects: false }).reduce(
      (sum, { plan, times }) => sum + times * this.#plans[plan].length,
      0,
    );
    return { update, rollout: this.#plans.decode.length };
  }

  /** What an update is made of, and how often. */
  updatePlans({ selects }: { readonly selects: boolean }) {
    return updatePlans(this.#passes, selects);
  }

  /** Kernels of a plan, in the order they run. */
  labels(plan: TimedPlan): readonly string[] {
    return this.#plans[plan].labels;
  }

  /** Floating-point operations of each dispatch of a plan, about. */
  flop(plan: TimedPlan): readonly number[] {
    return this.#plans[plan].flop;
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
      this.#buffers.policy[which].buffer,
      run * this.layout.total * 4,
      flat,
    );
  }

  /** Sets the policy that KL is measured against. */
  writeBase(run: number, flat: Float32Array<ArrayBuffer>): void {
    this.#gpu.device.queue.writeBuffer(
      this.#buffers.base.buffer,
      run * this.layout.total * 4,
      flat,
    );
  }

  /** One run's part of a parameter buffer. */
  async readParameters(which: ParameterBuffer, run: number): Promise<Float32Array<ArrayBuffer>> {
    const bytes = this.layout.total * 4;
    return new Float32Array(
      await this.#readback.once(this.#buffers.policy[which].buffer, run * bytes, bytes),
    );
  }

  writeSettings(settings: readonly RunSettings[]): void {
    this.#selects = settings.some(({ selects }) => selects === 1);
    settings.forEach((row, run) => packSettings(this.#settingsData, run, row));
    this.#gpu.device.queue.writeBuffer(this.#buffers.settings.buffer, 0, this.#settingsData.buffer);
  }

  /** Uploads prompts: tokens (R, rows, length), prompt lengths (R, rows). Lengths of responses start open. */
  writePrompts(tokens: Uint32Array<ArrayBuffer>, promptLengths: Uint32Array): void {
    const spans = new Uint32Array(2 * promptLengths.length);
    promptLengths.forEach((n, i) => (spans[2 * i] = n));
    this.#gpu.device.queue.writeBuffer(this.#buffers.rollouts.tokens.buffer, 0, tokens);
    this.#gpu.device.queue.writeBuffer(this.#buffers.rollouts.spans.buffer, 0, spans);
  }

  /** Uploads one plane (R, rows, length) of the rollout record. */
  writeRecord(plane: number, values: Float32Array<ArrayBuffer>): void {
    this.#gpu.device.queue.writeBuffer(
      this.#buffers.rollouts.record.buffer,
      plane * this.#buffers.rollouts.plane * 4,
      values,
    );
  }

  /** Generates a response for every prompt that was written. */
  async generate(): Promise<void> {
    await this.#pace.submit('generate', [this.#plans.decode]);
  }

  /**
   * Selects the rollout rows of what follows, see policy_loss.wgsl: (R, minibatchRows, 4) for an update, (R, passRows, 4)
   * for everything else.
   */
  writeRows(rows: Uint32Array<ArrayBuffer>): void {
    const { queue } = this.#gpu.device;
    const { passes, rows: onePass } = this.#buffers;
    this.#written = rows.length / (this.shape.runs * this.passRows * 4);
    if (this.#written === 1) return queue.writeBuffer(onePass.buffer, 0, rows);
    if (passes === null) throw new Error('rows of another number of passes');
    queue.writeBuffer(passes.rows.buffer, 0, rowsByPass(rows, this.shape));
    queue.writeBuffer(passes.rowsByRun.buffer, 0, rows);
  }

  /** Log-probabilities of the selected rows under the base policy, for KL. */
  async reference(): Promise<void> {
    await this.#pace.submit('reference', [this.#plans.reference]);
  }

  /**
   * Statistics of the selected rows alone, a third of the work of `gradient`. No token selection takes place. Under the
   * weights as they are, or as the last `update` with `keep` found them.
   */
  async loss(weights: 'now' | 'kept' = 'now'): Promise<void> {
    this.#passWeights = weights;
    const plan = weights === 'kept' ? this.#plans.keptLoss : this.#plans.loss;
    await this.#pace.submit('loss', [plan, this.#keepStatistics()]);
  }

  /** Gradient and statistics of the selected rows, without a step; kept for the next readback. */
  async gradient(): Promise<void> {
    this.#passWeights = 'now';
    await this.#pace.submit('gradient', [this.#gradientPlan, this.#keepStatistics()]);
  }

  /** One update: gradient, clip, AdamW. With `keep` the weights of before are kept. */
  async update({ keep = false } = {}): Promise<void> {
    if (this.#written !== this.#passes) throw new Error('an update wants the rows of a minibatch');
    this.#passWeights = 'now';
    const { kept, policy } = this.#buffers;
    const bytes = this.shape.runs * this.layout.total * 4;
    const keepWeights = (encoder: GPUCommandEncoder) =>
      encoder.copyBufferToBuffer(policy.weights.buffer, 0, kept.buffer, 0, bytes);
    await this.#pace.submit('update', [
      ...(keep ? [keepWeights] : []),
      ...minibatchWork(this.#buffers, this.#plans, this.shape, this.#selects),
      this.#plans.optimiser,
      this.#keepStatistics(),
    ]);
  }

  /** <grads, v> per run, where `v` was filled with another gradient by `writeParameters`. */
  async dotWithV(): Promise<number[]> {
    await this.#pace.submit('dot', [this.#plans.dot]);
    const bytes = this.shape.runs * 16;
    const sums = new Float32Array(
      await this.#readback.once(this.#buffers.outputs.norm.buffer, 0, bytes),
    );
    return Array.from({ length: this.shape.runs }, (_, run) => sums[4 * run] ?? 0);
  }

  /** Per-token (logprob, entropy, ratio, drive) of the rows that were written last: (R, rows, length - 1, 4). */
  async readTokenStats(): Promise<Float32Array> {
    const { passes, grads } = this.#buffers;
    const written = this.#written;
    const { buffer } = passes !== null && written > 1 ? passes.stats : grads.stats;
    const { runs, length } = this.shape;
    const bytes = written * runs * this.passRows * (length - 1) * STATS_WIDTH * 16;
    const all = new Float32Array(await this.#readback.once(buffer, 0, bytes));
    return lastOfTokens(all, this.shape, written);
  }

  /** Logits of the last loss, gradient or update over selected rows: (R, passRows, length - 1, padded vocab). */
  readLogits(): Promise<Float32Array> {
    return this.#readVocabulary(this.#buffers.acts.logits);
  }

  /**
   * The distributions that they stand for, at the temperature of the settings. Same shape; zero outside responses where the
   * vocabulary is taken in parts.
   */
  async readDistributions(): Promise<Float32Array> {
    if (this.#buffers.acts.parts === null)
      await this.#pace.submit('softmax', [this.#plans.softmax]);
    return this.#readVocabulary(this.#buffers.grads.dLogits);
  }

  /**
   * Everything a step reads, in one map: the rollouts (unless `rollouts` is false) and the statistics of the updates
   * since the last call.
   */
  async read({ rollouts }: { rollouts: boolean }): Promise<StepReadback> {
    const { plane } = this.#buffers.rollouts;
    const { runs } = this.shape;
    const updates = this.#pendingUpdates;
    this.#pendingUpdates = 0;
    const historyBytes = updates * runs * UPDATE_WORDS * 4;
    const bytes = await this.#readback.read((encoder, staging) => {
      let at = 0;
      if (rollouts) {
        encoder.copyBufferToBuffer(this.#buffers.rollouts.tokens.buffer, 0, staging, 0, plane * 4);
        encoder.copyBufferToBuffer(
          this.#buffers.rollouts.record.buffer,
          0,
          staging,
          plane * 4,
          plane * 8,
        );
        at = plane * 12;
      }
      if (updates > 0)
        encoder.copyBufferToBuffer(this.#buffers.history.buffer, 0, staging, at, historyBytes);
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
    return timePlan(this.#gpu, this.#plans[plan], repeats, clock);
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
    for (const plan of this.#allPlans()) plan.destroy();
  }

  get #gradientPlan(): Plan {
    return this.#selects ? this.#plans.selectingGradient : this.#plans.gradient;
  }

  /** Copies what an update has summed to its place in the history. */
  #keepStatistics(): (encoder: GPUCommandEncoder) => void {
    const { runs, updates } = this.shape;
    if (this.#pendingUpdates >= updates) throw new Error('too many updates between two readbacks');
    // Sums and norms of one update follow each other: (R, 7) vec4f, then (R) vec4f.
    const at = this.#pendingUpdates++ * runs * UPDATE_WORDS * 4;
    const sums = runs * STATS_WIDTH * 16;
    const { statsSum, norm } = this.#buffers.outputs;
    return (encoder) => {
      encoder.copyBufferToBuffer(statsSum.buffer, 0, this.#buffers.history.buffer, at, sums);
      encoder.copyBufferToBuffer(
        norm.buffer,
        0,
        this.#buffers.history.buffer,
        at + sums,
        runs * 16,
      );
    };
  }

  #allPlans(): readonly Plan[] {
    return [...Object.values(this.#plans), ...this.#partPlans.now, ...this.#partPlans.kept];
  }

  /** (R, passRows, length - 1, padded vocab), which `view` holds whole or receives part by part. */
  async #readVocabulary({ buffer }: View): Promise<Float32Array> {
    const { runs, length } = this.shape;
    const { vocab } = this.layout.dims;
    const { parts } = this.#buffers.acts;
    const tokens = runs * this.passRows * (length - 1);
    if (parts === null)
      return new Float32Array(await this.#readback.once(buffer, 0, tokens * vocab * 4));
    const all = new Float32Array(tokens * vocab);
    for (const [i, { start, width }] of parts.all.entries()) {
      await this.#pace.submit('part', this.#partPlans[this.#passWeights].slice(i, i + 1));
      const part = new Float32Array(await this.#readback.once(buffer, 0, tokens * width * 4));
      for (let n = 0; n < tokens; n++)
        all.set(part.subarray(n * width, (n + 1) * width), n * vocab + start);
    }
    return all;
  }
}
