import type { Gpu } from '../gpu/device';
import { clockOf, type Clock } from '../gpu/timing';
import { TransformerRuns } from '../gpu/transformer/runs';
import type { DispatchTime } from '../gpu/transformer/shapes';
import { initialWeights } from '../model/init';
import { packWeights } from '../model/layout';
import { generationSettings } from './evaluate';
import type { RunSpec } from './run_spec';

/** A number for each kernel, by its entry point. */
export type ByKernel = Readonly<Record<string, number>>;

/** Runs of one shape: the specs that share it, and what they hold on the GPU. */
export interface ShapeRuns {
  readonly specs: readonly RunSpec[];
  readonly runs: TransformerRuns;
}

/** What runs of one shape ask of the GPU. */
export interface ShapeReport {
  readonly arms: readonly string[];
  readonly runs: number;
  /** Updates of one step. */
  readonly updates: number;
  /** Dispatches of one rollout batch and of one update. */
  readonly rollout: ByKernel;
  readonly update: ByKernel;
  readonly buffers: readonly { readonly name: string; readonly bytes: number }[];
}

export function shapeReport({ specs, runs }: ShapeRuns): ShapeReport {
  return {
    arms: [...new Set(specs.map(({ arm }) => arm))],
    runs: specs.length,
    updates: runs.shape.updates,
    rollout: counted(runs.labels.rollout),
    update: counted(runs.labels.update),
    buffers: runs.buffers,
  };
}

function counted(labels: readonly string[]): ByKernel {
  const counts: Record<string, number> = {};
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** Milliseconds of one step by kernel, over all shapes, and how they were taken. */
export interface KernelTimes {
  readonly clock: Clock;
  readonly ms: ByKernel;
}

/**
 * What each kernel costs in one step of all shapes. Measured on runs of their own, made for it and freed again, because
 * timing an update would train: it needs the memory of the experiment a second time.
 */
export async function kernelTimes(gpu: Gpu, shapes: readonly ShapeRuns[]): Promise<KernelTimes> {
  const clock = clockOf(gpu.device);
  const ms: Record<string, number> = {};
  for (const shape of shapes) {
    for (const { label, ms: time } of await shapeTimes(gpu, shape, clock)) {
      ms[label] = (ms[label] ?? 0) + time;
    }
  }
  return { clock, ms };
}

/** Times of all dispatches of one step; those of an update count as often as it runs. */
async function shapeTimes(
  gpu: Gpu,
  { specs, runs: { shape } }: ShapeRuns,
  clock: Clock,
): Promise<DispatchTime[]> {
  const [first] = specs;
  if (!first) return [];
  const runs = await TransformerRuns.create(gpu, first.policy.spec, shape);
  try {
    const weights = packWeights(runs.layout, initialWeights(first.policy.spec, 0));
    specs.forEach((_, run) => runs.writeParameters('weights', run, weights));
    runs.writeSettings(specs.map(() => generationSettings(0, 1)));
    // A software adapter takes long enough for its clock.
    const repeats = gpu.facts.software ? 1 : clock === 'timestamp' ? 10 : 3;
    const once = await runs.profile('decode', gpu.facts.software ? 1 : 3, clock);
    const each = [
      ...(await runs.profile('gradient', repeats, clock)),
      ...(await runs.profile('optimiser', repeats, clock)),
    ];
    return [...once, ...each.map(({ label, ms }) => ({ label, ms: ms * shape.updates }))];
  } finally {
    runs.destroy();
  }
}
