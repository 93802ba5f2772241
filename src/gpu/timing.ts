import type { Plan } from './plan';
import type { DispatchTime } from './transformer/shapes';

/**
 * How a dispatch is timed. `timestamp`: by the GPU itself, where the device has the feature timestamp-query; browsers round
 * to 0.1 ms, so repeat small kernels. `wall`: from submit to done, which adds the way there and back.
 */
export type Clock = 'timestamp' | 'wall';

export function clockOf(device: GPUDevice): Clock {
  return device.features.has('timestamp-query') ? 'timestamp' : 'wall';
}

/** Two timestamps for each; a query set holds at most 4096 queries. */
const DISPATCHES_PER_SET = 2048;
const BYTES = 8;
const NANOSECONDS_PER_MS = 1e6;

/** Milliseconds of each dispatch of a plan, run `repeats` times by itself. */
export async function timePlan(
  device: GPUDevice,
  plan: Plan,
  repeats: number,
  clock: Clock,
): Promise<DispatchTime[]> {
  const times: DispatchTime[] = [];
  const { labels } = plan;
  if (clock === 'wall') {
    for (const [i, label] of labels.entries()) {
      times.push({ label, ms: await wallTime(device, plan, i, repeats) });
    }
    return times;
  }
  for (let first = 0; first < labels.length; first += DISPATCHES_PER_SET) {
    const some = labels.slice(first, first + DISPATCHES_PER_SET);
    const ms = await gpuTimes(device, plan, first, some.length, repeats);
    some.forEach((label, i) => times.push({ label, ms: ms[i] ?? NaN }));
  }
  return times;
}

async function wallTime(
  device: GPUDevice,
  plan: Plan,
  index: number,
  repeats: number,
): Promise<number> {
  await device.queue.onSubmittedWorkDone();
  const started = performance.now();
  const encoder = device.createCommandEncoder({ label: 'profile' });
  const pass = encoder.beginComputePass();
  for (let n = 0; n < repeats; n++) plan.encode(pass, index, index + 1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return (performance.now() - started) / repeats;
}

/** One pass for each dispatch, since passes are what timestamps can be written at. */
async function gpuTimes(
  device: GPUDevice,
  plan: Plan,
  first: number,
  count: number,
  repeats: number,
): Promise<number[]> {
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * count });
  const size = 2 * count * BYTES;
  const resolved = device.createBuffer({
    label: 'timestamps',
    size,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({
    label: 'timestamps to read',
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    const encoder = device.createCommandEncoder({ label: 'profile' });
    for (let i = 0; i < count; i++) {
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        },
      });
      for (let n = 0; n < repeats; n++) plan.encode(pass, first + i, first + i + 1);
      pass.end();
    }
    encoder.resolveQuerySet(querySet, 0, 2 * count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
    return Array.from({ length: count }, (_, i) => {
      const [began = 0n, ended = 0n] = stamps.subarray(2 * i, 2 * i + 2);
      // A driver may hand out stamps that run backwards; that is no time at all.
      return ended > began ? Number(ended - began) / NANOSECONDS_PER_MS / repeats : 0;
    });
  } finally {
    querySet.destroy();
    resolved.destroy();
    staging.destroy();
  }
}
