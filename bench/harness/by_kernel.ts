import type { Gpu } from '../../src/gpu/device';
import { clockOf, type Clock } from '../../src/gpu/timing';
import type { TimedPlan } from '../../src/gpu/transformer/passes';
import { openRuns, type StepShape } from '../ours/runs';
import { prices, type Prices } from './floor';
import { parameterCount } from './problems';
import { median } from './statistics';

/** What one kernel does in a step, and how long that takes beside what it must. */
export interface KernelCost {
  readonly kernel: string;
  readonly dispatches: number;
  /** By the kernel's own count of its inner loops. */
  readonly mflop: number;
  readonly ms: number;
  /** Its arithmetic at the rate of our product of two 512 x 512 matrices, and its dispatches at the price of empty ones. */
  readonly floor_ms: number;
}

export interface KernelsResult {
  readonly name: string;
  readonly about: string;
  readonly made: string;
  readonly rounds: number;
  readonly clock: Clock;
  readonly prices: Prices;
  readonly kernels: readonly KernelCost[];
}

const PLANS: readonly TimedPlan[] = ['decode', 'gradient', 'optimiser'];

/** Every dispatch of a step by itself, `rounds` times; medians, added up by kernel. */
export async function costsByKernel(
  gpu: Gpu,
  name: string,
  shape: StepShape,
  rounds: number,
): Promise<KernelsResult> {
  const paid = await prices(gpu);
  const clock = clockOf(gpu.device);
  const runs = await openRuns(gpu, shape);
  try {
    const sums = new Map<string, { dispatches: number; mflop: number; ms: number }>();
    for (const plan of PLANS) {
      const flop = runs.flop(plan);
      const times: number[][] = flop.map(() => []);
      for (let round = 0; round < rounds; round++) {
        for (const [i, { ms }] of (await runs.profile(plan, 1, clock)).entries())
          times[i]?.push(ms);
      }
      for (const [i, kernel] of runs.labels(plan).entries()) {
        const own = sums.get(kernel) ?? { dispatches: 0, mflop: 0, ms: 0 };
        sums.set(kernel, {
          dispatches: own.dispatches + 1,
          mflop: own.mflop + (flop[i] ?? 0) / 1e6,
          ms: own.ms + median(times[i] ?? []),
        });
      }
    }
    const { spec, rows, length } = shape;
    return {
      name,
      about: `${parameterCount(spec).toLocaleString('en')} parameters, ${rows} rollouts of ${length} positions, one update`,
      made: new Date().toISOString(),
      ...{ rounds, clock, prices: paid },
      kernels: [...sums]
        .map(([kernel, cost]) => ({
          kernel,
          ...cost,
          floor_ms: cost.mflop / paid.gflops + (cost.dispatches * paid.dispatch_us) / 1000,
        }))
        .sort((a, b) => b.ms - a.ms),
    };
  } finally {
    runs.destroy();
  }
}
