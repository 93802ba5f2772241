import type { DynamicClip } from '../recipe/recipe';
import type { ScheduleInput } from './schedule';

/** Clip bounds of a step: a token of probability p has its ratio clipped to [1 - (low + lowSlope p), 1 + (high + highSlope p)]. */
export interface ClipBounds {
  readonly low: number;
  readonly lowSlope: number;
  readonly high: number;
  readonly highSlope: number;
  /** To be handed in at the next step; null where the schedule keeps none. */
  readonly state: number | null;
}

/** One side's bound, as a straight line over the probability. */
interface Line {
  readonly base: number;
  readonly slope: number;
}

/**
 * The clip bounds of a step, between the recipe's fixed ones and dynamic ones. Source: Flexible Entropy Control
 * (arXiv:2602.09782); the two schedules are our reading of it.
 *
 * With k = step - 1, T = steps, H the entropy of this step's rollouts and H_0 that of the first step's:
 *   off                fixed
 *   constant           dynamic
 *   increase-decrease  first half: upper bound dynamic with weight 1 - 2k/T, lower fixed;
 *                      second half: lower bound dynamic with weight 2 - 2k/T, upper fixed
 *   oscillatory-decay  upper bound dynamic while entropy is low, lower one while it is not. It becomes low at
 *                      H <= H_min = floor x H_0 and ceases to be at H > H_min + (H_0 - H_min)(1 - k/T); at the start
 *                      it is not. State 1: low.
 *
 * `state` is what the previous step returned, null at the first step.
 */
export function nextClipBounds(
  dynamic: DynamicClip,
  fixed: { readonly low: number; readonly high: number },
  state: number | null,
  {
    step,
    steps,
    entropy,
    baseEntropy,
  }: Pick<ScheduleInput, 'step' | 'steps' | 'entropy' | 'baseEntropy'>,
): ClipBounds {
  const fixedLow = { base: fixed.low, slope: 0 };
  const fixedHigh = { base: fixed.high, slope: 0 };
  if (dynamic.kind === 'off') return bounds(fixedLow, fixedHigh, null);
  const low = { base: dynamic.low_base, slope: dynamic.low_slope };
  const high = { base: dynamic.high_base, slope: dynamic.high_slope };
  const progress = (step - 1) / steps;
  switch (dynamic.kind) {
    case 'constant':
      return bounds(low, high, null);
    case 'increase-decrease': {
      const upper = Math.max(0, 1 - 2 * progress);
      const lower = progress < 0.5 ? 0 : 2 - 2 * progress;
      return bounds(mixed(low, fixedLow, lower), mixed(high, fixedHigh, upper), null);
    }
    case 'oscillatory-decay': {
      const least = dynamic.floor * baseEntropy;
      const ceiling = least + (baseEntropy - least) * (1 - progress);
      const next = entropy <= least ? 1 : entropy > ceiling ? 0 : (state ?? 0);
      return next === 1 ? bounds(fixedLow, high, next) : bounds(low, fixedHigh, next);
    }
  }
}

function bounds(low: Line, high: Line, state: number | null): ClipBounds {
  return { low: low.base, lowSlope: low.slope, high: high.base, highSlope: high.slope, state };
}

/** The first line with the given weight, the second with the rest. */
function mixed(first: Line, second: Line, weight: number): Line {
  const mix = (a: number, b: number) => weight * a + (1 - weight) * b;
  return { base: mix(first.base, second.base), slope: mix(first.slope, second.slope) };
}
