import type { Gpu } from '../gpu/device';
import { clockOf, type Clock } from '../gpu/timing';
import { selectsTokens } from '../gpu/run_settings';
import type { RepeatedPlan } from '../gpu/transformer/passes';
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
  /** Dispatches of one rollout batch, of all passes under the base policy (for KL) in a step, and of one update. */
  readonly rollout: ByKernel;
  readonly reference: ByKernel;
  readonly update: ByKernel;
  readonly buffers: readonly { readonly name: string; readonly bytes: number }[];
}

export function shapeReport({ specs, runs }: ShapeRuns): ShapeReport {
  return {
    arms: [...new Set(specs.map(({ arm }) => arm))],
    runs: specs.length,
    updates: runs.shape.updates,
    rollout: counted(runs, [{ plan: 'decode', times: 1 }]),
    reference: counted(runs, [{ plan: 'reference', times: referencePasses(specs, runs) }]),
    update: counted(runs, updatePlans(specs, runs)),
    buffers: runs.buffers,
  };
}

/** Passes under the base policy in one step: all runs take part where one has a KL term. */
function referencePasses(specs: readonly RunSpec[], { shape, passRows }: TransformerRuns): number {
  const needed = specs.some(({ recipe }) => recipe.kl_coef !== 0);
  return needed ? shape.rows / passRows : 0;
}

function updatePlans(specs: readonly RunSpec[], runs: TransformerRuns): readonly RepeatedPlan[] {
  return runs.updatePlans({ selects: specs.some(({ recipe }) => selectsTokens(recipe)) });
}

function counted(runs: TransformerRuns, plans: readonly RepeatedPlan[]): ByKernel {
  const counts: Record<string, number> = {};
  for (const { plan, times } of plans) {
    if (times === 0) continue;
    for (const label of runs.labels(plan)) counts[label] = (counts[label] ?? 0) + times;
  }
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
    const reference: RepeatedPlan = { plan: 'reference', times: referencePasses(specs, runs) };
    const once = await runs.profile('decode', gpu.facts.software ? 1 : 3, clock);
    const scaled = async ({ plan, times }: RepeatedPlan) =>
      times === 0
        ? []
        : (await runs.profile(plan, repeats, clock)).map(({ label, ms }) => ({
            label,
            ms: ms * times,
          }));
    const all = [...once, ...(await scaled(reference))];
    for (const { plan, times } of updatePlans(specs, runs))
      all.push(...(await scaled({ plan, times: times * shape.updates })));
    return all;
  } finally {
    runs.destroy();
  }
}
