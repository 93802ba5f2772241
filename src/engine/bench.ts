import type { Gpu } from '../gpu/device';
import { productWork } from '../gpu/layouts';
import { PLANE } from '../gpu/transformer/rollout_buffers';
import { TransformerRuns } from '../gpu/transformer/runs';
import type { DispatchTime, RunsShape } from '../gpu/transformer/shapes';
import { initialWeights } from '../model/init';
import { packWeights } from '../model/layout';
import { parameterShapes, type ModelSpec } from '../model/spec';
import { STREAMS, stream } from '../rl/random';
import { quantile } from '../rl/statistics';
import { generationSettings } from './evaluate';

/** What one RLVR step costs here. Times are medians of `rounds`, in milliseconds of wall time. */
export interface BenchReport {
  readonly parameters: number;
  readonly layers: number;
  readonly rollouts: number;
  readonly positions: number;
  readonly rounds: number;
  /** From creating the runs to the end of the first step, pipelines included. */
  readonly first_step_ms: number;
  readonly step_ms: number;
  readonly generation_ms: number;
  readonly update_ms: number;
  readonly dispatches_per_update: number;
  readonly dispatches_per_token: number;
  readonly submits_per_update: number;
  readonly submits_per_rollout_batch: number;
  readonly readbacks_per_step: number;
  readonly buffers_created_per_step: number;
  readonly bind_groups_created_per_step: number;
  readonly bytes: number;
  /** Wall time of each kernel, run by itself, summed over one update and one rollout batch. */
  readonly kernels: Readonly<Record<string, number>>;
}

const SHAPE = { rollouts: 64, prompt: 8, positions: 24 };

/** The 11.5 k-parameter policy of the work model: one layer, width 32. */
const MODEL: ModelSpec = {
  vocab_size: 16,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: SHAPE.positions,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
};

const RUNS: RunsShape = {
  runs: 1,
  rows: SHAPE.rollouts,
  length: SHAPE.positions,
  promptLength: SHAPE.prompt,
  minibatchRows: SHAPE.rollouts,
  updates: 1,
  eos: MODEL.vocab_size,
};

/** The matrix products of that step. */
export const BENCH_PRODUCTS = productWork(MODEL, RUNS);

interface Counts {
  buffers: number;
  bindGroups: number;
  submits: number;
  maps: number;
}

/** Counts what a device is asked for, until `stop`. */
function counting(device: GPUDevice): { counts: Counts; stop: () => void } {
  const counts: Counts = { buffers: 0, bindGroups: 0, submits: 0, maps: 0 };
  const restore = [
    countCalls(device, 'createBuffer', () => counts.buffers++),
    countCalls(device, 'createBindGroup', () => counts.bindGroups++),
    countCalls(device.queue, 'submit', () => counts.submits++),
    countCalls(GPUBuffer.prototype, 'mapAsync', () => counts.maps++),
  ];
  return { counts, stop: () => restore.forEach((undo) => undo()) };
}

/** Calls `count` before every call of a method, until the returned function is called. */
function countCalls<K extends string>(
  target: { [key in K]: (...args: never[]) => unknown },
  method: K,
  count: () => void,
): () => void {
  const original = target[method];
  target[method] = function counted(this: unknown, ...args: never[]) {
    count();
    return original.apply(this, args);
  };
  return () => {
    target[method] = original;
  };
}

/** Measures one RLVR step: 64 rollouts of 24 positions and one update on all of them. */
export async function bench(gpu: Gpu, rounds: number): Promise<BenchReport> {
  const started = performance.now();
  const runs = await TransformerRuns.create(gpu, MODEL, RUNS);
  try {
    prepare(runs);
    await step(runs);
    const firstStep = performance.now() - started;
    const times = { step: [] as number[], generation: [] as number[], update: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const { generation, update } = await step(runs);
      times.generation.push(generation);
      times.update.push(update);
      times.step.push(generation + update);
    }
    const created = await countStep(gpu.device, runs);
    const sampled = SHAPE.positions - SHAPE.prompt;
    const prompt = SHAPE.prompt - 1;
    const perPrompt = 8 * MODEL.num_hidden_layers + 1;
    return {
      parameters: [...parameterShapes(MODEL).values()].reduce(
        (sum, shape) => sum + shape.reduce((product, n) => product * n, 1),
        0,
      ),
      layers: MODEL.num_hidden_layers,
      rollouts: SHAPE.rollouts,
      positions: SHAPE.positions,
      rounds,
      first_step_ms: firstStep,
      step_ms: median(times.step),
      generation_ms: median(times.generation),
      update_ms: median(times.update),
      dispatches_per_update: runs.dispatches.update,
      dispatches_per_token: (runs.dispatches.rollout - prompt * perPrompt) / sampled,
      ...created,
      bytes: runs.bytes,
      kernels: await kernelTimes(runs),
    };
  } finally {
    runs.destroy();
  }
}

const median = (values: readonly number[]) =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

function prepare(runs: TransformerRuns): void {
  const random = stream(0, STREAMS.corpus);
  const cells = SHAPE.rollouts * SHAPE.positions;
  runs.writeParameters('weights', 0, packWeights(runs.layout, initialWeights(MODEL, 0)));
  runs.writeRecord(
    PLANE.advantage,
    Float32Array.from({ length: cells }, () => 2 * random() - 1),
  );
  runs.writePrompts(
    Uint32Array.from({ length: cells }, () => Math.floor(random() * MODEL.vocab_size)),
    new Uint32Array(SHAPE.rollouts).fill(SHAPE.prompt),
  );
  const rows = new Uint32Array(SHAPE.rollouts * 4);
  for (let b = 0; b < SHAPE.rollouts; b++) rows.set([b, SHAPE.prompt, SHAPE.positions, 0], 4 * b);
  runs.writeRows(rows);
  runs.writeSettings([
    {
      ...generationSettings(0, 1),
      clip_low: 0.2,
      clip_high: 0.2,
      learning_rate: 1e-4,
      beta1: 0.9,
      beta2: 0.95,
      adam_eps: 1e-8,
      max_grad_norm: 1,
      token_count: SHAPE.rollouts * (SHAPE.positions - SHAPE.prompt),
    },
  ]);
}

/** One step, waiting after each half so that each can be timed. */
async function step(runs: TransformerRuns): Promise<{ generation: number; update: number }> {
  const started = performance.now();
  await runs.generate();
  await runs.read({ rollouts: true });
  const generated = performance.now();
  await runs.update();
  await runs.read({ rollouts: false });
  return { generation: generated - started, update: performance.now() - generated };
}

/** What the device is asked for in one step as training makes it: rollouts, one readback, one update. */
async function countStep(device: GPUDevice, runs: TransformerRuns) {
  const { counts, stop } = counting(device);
  try {
    await runs.generate();
    const rolloutSubmits = counts.submits;
    await runs.read({ rollouts: true });
    const before = counts.submits;
    await runs.update();
    return {
      submits_per_update: counts.submits - before,
      submits_per_rollout_batch: rolloutSubmits,
      readbacks_per_step: counts.maps,
      buffers_created_per_step: counts.buffers,
      bind_groups_created_per_step: counts.bindGroups,
    };
  } finally {
    stop();
    await runs.read({ rollouts: false });
  }
}

async function kernelTimes(runs: TransformerRuns): Promise<Record<string, number>> {
  const all: DispatchTime[] = [
    ...(await runs.profile('decode', 1)),
    ...(await runs.profile('gradient', 3)),
    ...(await runs.profile('optimiser', 3)),
  ];
  const sums: Record<string, number> = {};
  for (const { label, ms } of all) sums[label] = (sums[label] ?? 0) + ms;
  return Object.fromEntries(Object.entries(sums).sort((a, b) => b[1] - a[1]));
}
