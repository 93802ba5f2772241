import type { PositiveWeightSchedule } from '../recipe/recipe';

/** What a schedule sees at a step. */
export interface ScheduleInput {
  /** Counts from 1. */
  readonly step: number;
  readonly steps: number;
  /** Mean token entropy of this step's training rollouts, nats. */
  readonly entropy: number;
  /** The recipe's positive_weight, which only the constant schedule uses. */
  readonly base: number;
}

export interface ScheduledWeight {
  /** positive_weight of this step's updates. */
  readonly weight: number;
  /** To be handed in at the next step; null where the schedule keeps none. */
  readonly state: number | null;
}

/**
 * The positive-advantage weight λ of a step (Jin et al. 2025, arXiv:2511.05993, section 7.3).
 *
 *   constant        λ = base
 *   stage           λ = 0 in the first half of the steps, then linear up to 1 at the last one
 *   epoch           λ = (e - 1) / (E - 1); the run is cut into E equal epochs, e counts from 1
 *   entropy-guided  λ of the next step = clip(λ - Δ, 0, 1) where H < target, else clip(λ + Δ, 0, 1); first λ = initial
 *
 * `state` is what the previous step returned, null at the first step.
 */
export function nextPositiveWeight(
  schedule: PositiveWeightSchedule,
  state: number | null,
  { step, steps, entropy, base }: ScheduleInput,
): ScheduledWeight {
  switch (schedule.kind) {
    case 'constant':
      return { weight: base, state: null };
    case 'stage':
      return { weight: clamp01((step - steps / 2) / (steps / 2)), state: null };
    case 'epoch': {
      const epoch = Math.min(
        schedule.epochs,
        Math.floor(((step - 1) * schedule.epochs) / steps) + 1,
      );
      return { weight: clamp01((epoch - 1) / (schedule.epochs - 1)), state: null };
    }
    case 'entropy-guided': {
      const weight = clamp01(state ?? schedule.initial);
      if (!Number.isFinite(entropy)) return { weight, state: weight };
      const direction = entropy < schedule.target ? -1 : 1;
      return { weight, state: clamp01(weight + direction * schedule.delta) };
    }
  }
}

const clamp01 = (x: number) => Math.min(1, Math.max(0, x));
