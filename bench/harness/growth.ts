import type { Gpu } from '../../src/gpu/device';
import { rlvrStep, type StepShape, type StepTrial } from '../ours/runs';
import { floorOf, prices, stepFlop, type Prices } from './floor';
import { fitPower, median, type PowerLaw } from './statistics';

/** Our step at one size. */
export interface GrowthPoint {
  readonly x: number;
  readonly generation_ms: number;
  readonly update_ms: number;
  /** By the work model: arithmetic at the rate of our best product, empty dispatches, one readback. */
  readonly generation_floor_ms: number;
  readonly update_floor_ms: number;
  readonly generation_mflop: number;
  readonly update_mflop: number;
  readonly generation_dispatches: number;
  readonly update_dispatches: number;
  readonly bytes: number;
}

/** How the cost of a step grows along one size, all others kept. */
export interface GrowthResult {
  readonly name: string;
  readonly about: string;
  readonly made: string;
  readonly rounds: number;
  readonly prices: Prices;
  readonly points: readonly GrowthPoint[];
  /** Of the times, over all points and from the middle one on, where fixed costs weigh less. */
  readonly generation: Fits;
  readonly update: Fits;
}

interface Fits {
  readonly all: PowerLaw | null;
  readonly upper: PowerLaw | null;
}

export interface Axis {
  readonly name: string;
  readonly about: string;
  readonly values: readonly number[];
  readonly shape: (x: number) => StepShape;
}

/** Sizes are measured in turn, one step each, so that a slow while of the machine meets all of them. */
export async function grow(gpu: Gpu, axis: Axis, rounds: number): Promise<GrowthResult> {
  const paid = await prices(gpu);
  const trials: StepTrial[] = [];
  try {
    for (const x of axis.values) {
      const trial = await rlvrStep(gpu, axis.shape(x));
      trials.push(trial);
      await trial.run(1);
    }
    const times = trials.map(() => ({ generation: [] as number[], update: [] as number[] }));
    for (let round = 0; round < rounds; round++) {
      for (const [i, trial] of trials.entries()) {
        const started = performance.now();
        await trial.generate();
        const generated = performance.now();
        await trial.update();
        times[i]?.generation.push(generated - started);
        times[i]?.update.push(performance.now() - generated);
      }
    }
    const points = axis.values.map((x, i) => pointOf(x, axis.shape(x), trials[i], times[i], paid));
    return {
      ...{ name: axis.name, about: axis.about, made: new Date().toISOString() },
      ...{ rounds, prices: paid, points },
      generation: fits(points, ({ generation_ms }) => generation_ms),
      update: fits(points, ({ update_ms }) => update_ms),
    };
  } finally {
    for (const trial of trials) await trial.destroy();
  }
}

function pointOf(
  x: number,
  shape: StepShape,
  trial: StepTrial | undefined,
  times: { generation: readonly number[]; update: readonly number[] } | undefined,
  paid: Prices,
): GrowthPoint {
  const flop = stepFlop(shape);
  const { rollout = NaN, update = NaN } = trial?.dispatches ?? {};
  return {
    x,
    generation_ms: median(times?.generation ?? []),
    update_ms: median(times?.update ?? []),
    generation_floor_ms: floorOf(paid, flop.generation, rollout),
    update_floor_ms: floorOf(paid, flop.update, update),
    generation_mflop: flop.generation / 1e6,
    update_mflop: flop.update / 1e6,
    generation_dispatches: rollout,
    update_dispatches: update,
    bytes: trial?.bytes ?? NaN,
  };
}

function fits(points: readonly GrowthPoint[], time: (point: GrowthPoint) => number): Fits {
  const fit = (some: readonly GrowthPoint[]) =>
    fitPower(
      some.map(({ x }) => x),
      some.map(time),
    );
  return { all: fit(points), upper: fit(points.slice(Math.floor((points.length - 1) / 2))) };
}
