import { nextPositiveWeight } from '../rl/schedule';
import type { Columns } from './columns';
import type { Arm } from './experiment';

/** So many steps in a row make "pinned"; one may be chance. */
const STEPS_PINNED = 3;

/** Whether the arm's λ follows a schedule instead of the slider. */
export function isScheduled({ recipe }: Pick<Arm, 'recipe'>): boolean {
  return recipe.positive_weight_schedule.kind !== 'constant';
}

/** λ now: as it is set, or the schedule's at the newest step; before the first step, what the schedule begins with. */
export function currentWeight(arm: Pick<Arm, 'recipe'>, columns: Columns): number {
  const { positive_weight, positive_weight_schedule, steps } = arm.recipe;
  if (!isScheduled(arm)) return positive_weight;
  if (columns.length > 0) return columns.last('positive_weight');
  const first = { step: 1, steps, entropy: NaN, baseEntropy: NaN, base: positive_weight };
  return nextPositiveWeight(positive_weight_schedule, null, first).weight;
}

/** The end, 0 or 1, at which an entropy-guided λ has been stuck for the last three steps; null where it still moves. */
export function pinnedAt(columns: Columns): 0 | 1 | null {
  const saturated = columns.view('saturated').slice(-STEPS_PINNED);
  if (saturated.length < STEPS_PINNED || saturated.some((flag) => flag !== 1)) return null;
  return columns.last('positive_weight') <= 0 ? 0 : 1;
}
