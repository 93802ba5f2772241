import type { EntropyCoefSchedule, PositiveWeightSchedule } from '../recipe/recipe';

/** What a schedule sees at a step. */
export interface ScheduleInput {
  /** Counts from 1. */
  readonly step: number;
  readonly steps: number;
  /** Mean token entropy of this step's training rollouts, nats. */
  readonly entropy: number;
  /** The same of the first step's rollouts, which the base policy made. */
  readonly baseEntropy: number;
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
 *   entropy-guided-relative  the same with target = fraction x the entropy of the first step's rollouts
 *
 * The relative target is our addition: a target in nats does not carry over between policies.
 * `state` is what the previous step returned, null at the first step.
 */
export function nextPositiveWeight(
  schedule: PositiveWeightSchedule,
  state: number | null,
  { step, steps, entropy, baseEntropy, base }: ScheduleInput,
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
    case 'entropy-guided':
    case 'entropy-guided-relative': {
      const weight = clamp01(state ?? schedule.initial);
      const target = entropyTarget(schedule, baseEntropy) ?? Number.NaN;
      if (!Number.isFinite(entropy) || !Number.isFinite(target)) return { weight, state: weight };
      const direction = entropy < target ? -1 : 1;
      return { weight, state: clamp01(withoutDrift(weight + direction * schedule.delta)) };
    }
  }
}

/** The entropy in nats that the schedule steers to; null where it steers to none. */
export function entropyTarget(
  schedule: PositiveWeightSchedule,
  baseEntropy: number,
): number | null {
  switch (schedule.kind) {
    case 'constant':
    case 'stage':
    case 'epoch':
      return null;
    case 'entropy-guided':
      return schedule.target;
    case 'entropy-guided-relative':
      return schedule.fraction * baseEntropy;
  }
}

/**
 * Whether the controller has no room left: the weight is 0 while entropy is below the target, or 1 while it is above.
 * Then entropy goes where it goes; only other settings can turn it.
 */
export function saturated(
  schedule: PositiveWeightSchedule,
  weight: number,
  { entropy, baseEntropy }: Pick<ScheduleInput, 'entropy' | 'baseEntropy'>,
): boolean {
  const target = entropyTarget(schedule, baseEntropy);
  if (target === null) return false;
  return (weight <= 0 && entropy < target) || (weight >= 1 && entropy > target);
}

export interface ScheduledCoef {
  /** entropy_coef of this step's updates. */
  readonly value: number;
  /** To be handed in at the next step; null where the schedule keeps none. */
  readonly state: number | null;
}

/**
 * The coefficient of the entropy bonus of a step; `base` is the recipe's entropy_coef.
 *
 *   constant  base
 *   adaptive  c where H < target, else 0; next c = clip(c + Δ, 0, max) where H < target, else clip(c - Δ, 0, max);
 *             first c = base. He et al. 2025, Skywork-OR1 (arXiv:2505.22312); its scripts start from 0.
 *
 * `entropy` is H, the mean token entropy of this step's rollouts in nats; `state` is what the previous step returned,
 * null at the first step.
 */
export function nextEntropyCoef(
  schedule: EntropyCoefSchedule,
  state: number | null,
  { entropy, base }: Pick<ScheduleInput, 'entropy' | 'base'>,
): ScheduledCoef {
  switch (schedule.kind) {
    case 'constant':
      return { value: base, state: null };
    case 'adaptive': {
      const { target, delta, max } = schedule;
      const coef = clamp(state ?? base, max);
      if (!Number.isFinite(entropy)) return { value: 0, state: coef };
      return entropy < target
        ? { value: coef, state: clamp(coef + delta, max) }
        : { value: 0, state: clamp(coef - delta, max) };
    }
  }
}

const clamp = (x: number, max: number) => Math.min(max, Math.max(0, x));
const clamp01 = (x: number) => clamp(x, 1);

/** Steps of 0.1 end at 0 and not at 1e-16, which would be neither pinned nor readable. */
function withoutDrift(weight: number): number {
  return Number(weight.toFixed(12));
}
