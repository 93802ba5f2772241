import type { Gpu } from './device';
import { SUBMIT_MS } from './pace';
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
  { device, profile: { flopPerMs } }: Gpu,
  plan: Plan,
  repeats: number,
  clock: Clock,
): Promise<DispatchTime[]> {
  const times: DispatchTime[] = [];
  const { labels } = plan;
  if (clock === 'wall') {
    for (const [i, label] of labels.entries()) {
      times.push({ label, ms: await wallTime(device, plan, [i, i + 1], repeats) });
    }
    return times;
  }
  // A submit is no longer here than elsewhere, by the estimate that training begins with.
  const most = (SUBMIT_MS * flopPerMs) / repeats;
  for (let first = 0; first < labels.length;) {
    let count = 1;
    let flop = plan.flop[first] ?? 0;
    while (first + count < labels.length && count < DISPATCHES_PER_SET) {
      flop += plan.flop[first + count] ?? 0;
      if (flop > most) break;
      count++;
    }
    const some = labels.slice(first, first + count);
    const each = some.map((_, i): Span => [first + i, first + i + 1]);
    const ms = await gpuTimes(device, plan, each, repeats);
    some.forEach((label, i) => times.push({ label, ms: ms[i] ?? NaN }));
    first += count;
  }
  return times;
}

/** Milliseconds of a whole plan, run `repeats` times in one submit; 0 where the GPU's clock ran backwards. */
export async function timeTogether(
  { device }: Gpu,
  plan: Plan,
  repeats: number,
  clock: Clock,
): Promise<number> {
  const whole: Span = [0, plan.length];
  if (clock === 'wall') return wallTime(device, plan, whole, repeats);
  const [ms = NaN] = await gpuTimes(device, plan, [whole], repeats);
  return ms;
}

/** Dispatches of a plan that are timed together: from the first up to the second, without it. */
type Span = readonly [number, number];

async function wallTime(
  device: GPUDevice,
  plan: Plan,
  [from, to]: Span,
  repeats: number,
): Promise<number> {
  await device.queue.onSubmittedWorkDone();
  const started = performance.now();
  const encoder = device.createCommandEncoder({ label: 'profile' });
  const pass = encoder.beginComputePass();
  for (let n = 0; n < repeats; n++) plan.encode(pass, from, to);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return (performance.now() - started) / repeats;
}

/** One pass for each span, since passes are what timestamps can be written at. */
async function gpuTimes(
  device: GPUDevice,
  plan: Plan,
  spans: readonly Span[],
  repeats: number,
): Promise<number[]> {
  const count = spans.length;
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
    for (const [i, [from, to]] of spans.entries()) {
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        },
      });
      for (let n = 0; n < repeats; n++) plan.encode(pass, from, to);
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
