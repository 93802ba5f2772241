import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lockstep } from '../../src/engine/lockstep';
import { RlvrError, type Failure } from '../../src/errors/failure';
import { requestGpu } from '../../src/gpu/device';
import { parameterLayout } from '../../src/model/layout';
import type { StepMetrics } from '../../src/rl/metrics';
import { RunShelf } from '../../src/storage/run_shelf';
import { storageFailure } from '../../src/storage/storage_failure';
import { Session } from '../../src/worker/session';
import { keptRun } from '../setup/kept_run';
import { watchBuffers } from '../setup/live_buffers';
import { TINY, TinyLife, specOf, tinyPolicy, tinyRun } from '../setup/tiny_life';

/**
 * A long life: nothing grows in many steps, and ten faults of every kind that an engine can meet leave the run that
 * trains beside or after them with the numbers of one that nothing has happened to.
 */

const ROUNDS = 10;
const MB = 2 ** 20;
const buffers = watchBuffers();
afterAll(buffers.stop);

const rejections: unknown[] = [];
const noted = (reason: unknown) => rejections.push(reason);
beforeAll(() => void process.on('unhandledRejection', noted));
afterAll(() => void process.off('unhandledRejection', noted));

/** The heap after a collection. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RlvrError) return error.failure;
    throw error;
  }
  throw new Error('nothing failed');
}

test('in many steps no buffer is made, none grows, and the heap stays', async () => {
  const STEPS = 2000;
  const lockstep = await Lockstep.create(await new TinyLife().gpu(), [specOf(tinyRun())]);
  for (let i = 0; i < 30; i++) await lockstep.next();
  const [held, before] = [buffers.held(), heap()];
  expect(held.buffers).toBeGreaterThan(20);
  for (let i = 0; i < STEPS; i++) {
    await lockstep.next();
    expect(buffers.held()).toEqual(held);
  }
  expect(heap() - before).toBeLessThan(2 * MB);
  lockstep.destroy();
  expect(buffers.held()).toEqual({ buffers: 0, bytes: 0 });
});

/** Creates runs on the life's device, whose `method` is another one meanwhile; what was made is gone again. */
async function withBroken(
  life: TinyLife,
  method: 'createBuffer' | 'createShaderModule',
  make: (original: (descriptor: object) => unknown, device: GPUDevice) => (given: never) => unknown,
  work: () => Promise<unknown>,
): Promise<Failure> {
  const { device } = await life.gpu();
  const original = (device[method] as (descriptor: object) => unknown).bind(device);
  Object.defineProperty(device, method, { value: make(original, device), configurable: true });
  try {
    return await failureOf(work());
  } finally {
    Reflect.deleteProperty(device, method);
  }
}

const create = async (
  life: TinyLife,
  changes: Parameters<typeof tinyRun>[0],
  policy = tinyPolicy,
) => Lockstep.create(await life.gpu(), [specOf(tinyRun(changes), policy)]);

type Fault = (life: TinyLife, round: number) => Promise<Failure | null>;
type Kind =
  Exclude<Failure['kind'], 'storageFull' | 'storageBlocked' | 'workerCrashed'> | 'aborted';

/** Makes one fault of a kind in the life, and what it was called. */
const FAULTS: Readonly<Record<Kind, Fault>> = {
  deviceLost: async (life) => {
    const { device } = await life.gpu();
    const failure = await life.failing(() => device.destroy());
    await life.begin();
    return failure;
  },
  nonfinite: async (life, round) => {
    const [state] = (await life.lockstep?.save()) ?? [];
    if (state === undefined) throw new Error('no state');
    // By turns a weight that is no number, and weights whose gradients are none.
    const { down } = parameterLayout(TINY).layers[0];
    if (round % 2 === 0) state.runs[0].weights[down] = NaN;
    else state.runs[0].weights.fill(3e38, down, down + 32);
    life.lockstep?.restore([state]);
    const failure = await life.failing(() => undefined);
    await life.begin();
    return failure;
  },
  aborted: async (life) => {
    await life.abort();
    await life.begin();
    return null;
  },
  outOfMemory: (life, round) =>
    withBroken(
      life,
      'createBuffer',
      // Every buffer as large as one may be: no device has room for all of them.
      (original, { limits }) =>
        (given: GPUBufferDescriptor) =>
          original({ ...given, size: limits.maxBufferSize }),
      () => create(life, { group_size: 4 + round }),
    ),
  limitTooSmall: (life) =>
    failureOf(create(life, { prompts_per_step: 1024, group_size: 1024, train_prompts: 1024 })),
  shaderCompile: (life, round) => {
    // Heads of another size: kernels that were not compiled before.
    const spec = { ...TINY, hidden_size: 16 + 8 * round, num_key_value_heads: 2 };
    return withBroken(
      life,
      'createShaderModule',
      (original) => (given: GPUShaderModuleDescriptor) =>
        original({ ...given, code: `${given.code}\nfn broken( {` }),
      () => create(life, {}, { ...tinyPolicy, spec }),
    );
  },
  bug: (life, round) =>
    withBroken(
      life,
      'createBuffer',
      (original) => (given: GPUBufferDescriptor) => original({ ...given, usage: 0xffff }),
      () => create(life, { group_size: 4 + round }),
    ),
  badPolicy: (life) => failureOf(create(life, {}, { ...tinyPolicy, vocabulary: ['a', 'b'] })),
  // Found when the base policy has been asked, with all buffers made.
  badRecipe: (life) => failureOf(create(life, { difficulty_low: 0.51, difficulty_high: 0.62 })),
  badInput: async (life, round) => {
    const other = await create(life, {});
    const cut = life.saved.slice(0, -4 * (round + 1));
    try {
      const session = new Session(0, [tinyRun()], other, () => undefined);
      return await failureOf(
        Promise.resolve().then(() => session.continueFrom({ bytes: cut, of: {}, missing: [] })),
      );
    } finally {
      other.destroy();
    }
  },
  noWebGPU: () => failureOf(requestGpu(undefined)),
  noAdapter: () =>
    failureOf(requestGpu({ requestAdapter: () => Promise.resolve(null) } as unknown as GPU)),
};

describe('ten faults of every kind in one life', () => {
  const life = new TinyLife();
  const undisturbed: StepMetrics[] = [];
  /** Enough for every fault to be followed by a step, and those of a run that fails on its way. */
  const STEPS = Object.keys(FAULTS).length * ROUNDS * 2;

  beforeAll(async () => {
    const lockstep = await Lockstep.create(await life.gpu(), [specOf(tinyRun())]);
    for (let i = 0; i < STEPS; i++)
      undisturbed.push(...(await lockstep.next()).map(({ metrics }) => metrics));
    undisturbed.push(...(await lockstep.flush()).map(({ metrics }) => metrics));
    lockstep.destroy();
    // Every step trains, so that going back to another one would show.
    expect(new Set(undisturbed.map((metrics) => metrics.entropy)).size).toBeGreaterThan(STEPS / 2);
    await life.begin();
    await life.step();
  });
  afterAll(() => life.end());

  test.each(Object.entries(FAULTS))('%s', async (kind, fault) => {
    const held = buffers.held();
    expect(held.buffers).toBeGreaterThan(20);
    for (let round = 0; round < ROUNDS; round++) {
      const failure = await fault(life, round);
      expect(failure?.kind ?? 'aborted').toBe(kind);
      await life.step();
      const step = life.lockstep?.step ?? 0;
      expect(step).toBeGreaterThan(0);
      expect(life.metrics[step - 1]).toEqual(undisturbed[step - 1]);
      expect(buffers.held()).toEqual(held);
    }
    expect(life.uncaptured).toEqual([]);
    expect(rejections).toEqual([]);
  });

  test.each([
    ['storageFull', 'QuotaExceededError'],
    ['storageBlocked', 'SecurityError'],
  ])('%s', async (kind, name) => {
    const shelf = await RunShelf.open();
    const run = () => keptRun({ checkpoint: { step: 3, bytes: life.saved } });
    await shelf.save(run());
    for (let round = 0; round < ROUNDS; round++) {
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('not now', name);
      };
      const refused = await shelf.save(run()).then(
        () => null,
        (error: unknown) => storageFailure(error),
      );
      IDBObjectStore.prototype.put = put;
      expect(refused?.kind).toBe(kind);
      await life.step();
      const step = life.lockstep?.step ?? 0;
      expect(life.metrics[step - 1]).toEqual(undisturbed[step - 1]);
      // What was saved before is there, and with room again the next save is whole.
      expect(await shelf.load(keptRun().id)).toMatchObject({ ok: true });
      await shelf.save(run());
      const loaded = await shelf.load(keptRun().id);
      expect(loaded.ok && loaded.value.run.checkpoint?.bytes).toEqual(life.saved);
    }
    shelf.close();
    expect(rejections).toEqual([]);
  });
});
