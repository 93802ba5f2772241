import { mean } from '../../rl/statistics';
import type { RecordedArm, RunRecord } from '../../storage/record';
import type { Figure, FigureLine } from './figure';

/** Reward of one step is noisy, so a path in the plane of reward and entropy is drawn from means of so many points. */
const SMOOTHED_POINTS = 5;

/** Entropy by step: mean over seeds, and a band from the lowest to the highest seed. */
export function entropyByStep({ arms, experiment }: RunRecord): Figure {
  return {
    title: `${experiment.name}: entropy by step`,
    xLabel: 'step',
    yLabel: 'entropy of the training rollouts, nats',
    lines: arms.map((arm): FigureLine => {
      const columns = overSeeds(arm, 'entropy');
      return {
        name: arm.name,
        x: arm.runs[0]?.steps ?? [],
        y: columns.map(mean),
        band:
          arm.runs.length < 2
            ? null
            : columns.map((values) => [Math.min(...values), Math.max(...values)]),
      };
    }),
  };
}

/** Entropy against reward: means over seeds, each smoothed over the last five points. */
export function entropyByReward({ arms, experiment }: RunRecord): Figure {
  return {
    title: `${experiment.name}: entropy against reward`,
    xLabel: 'reward of the training rollouts',
    yLabel: 'entropy of the training rollouts, nats',
    lines: arms.map((arm) => ({
      name: arm.name,
      x: smoothed(overSeeds(arm, 'reward').map(mean)),
      y: smoothed(overSeeds(arm, 'entropy').map(mean)),
      band: null,
    })),
  };
}

/** Whether there is a course to draw: two points at least. */
export function hasCourse({ arms }: RunRecord): boolean {
  return arms.every(({ runs }) => runs.every(({ steps }) => steps.length > 1));
}

/** The values of all seeds at each kept step. Runs of a record have equal steps. */
function overSeeds({ runs }: RecordedArm, key: 'entropy' | 'reward'): number[][] {
  const length = Math.min(...runs.map(({ series }) => series[key].length));
  return Array.from({ length }, (_, i) => runs.map(({ series }) => series[key][i] ?? Number.NaN));
}

function smoothed(values: readonly number[]): number[] {
  return values.map((_, i) => mean(values.slice(Math.max(0, i + 1 - SMOOTHED_POINTS), i + 1)));
}
