import type { Advantage } from '../recipe/recipe';

/** Keeps the division finite in a group of equal rewards. */
export const STD_EPSILON = 1e-4;

/** What a success counts against a failure in W-REINFORCE. */
const SUCCESS_WEIGHT = 0.1;

export interface AdvantageSettings {
  /** Share of the group's rewards at or below the baseline of `quantile`, from 0 to 1. */
  readonly quantile: number;
}

/**
 * Advantage of each response, one number per reward.
 *
 * With r the rewards of a group of n, m their mean and s their population standard deviation:
 *   grpo        (r - m) / (s + 1e-4)   Shao et al. 2024, DeepSeekMath (arXiv:2402.03300) section 4.1
 *   dr-grpo     r - m                  Liu et al. 2025, Dr. GRPO (arXiv:2503.20783)
 *   rloo        n / (n - 1) (r - m)    Ahmadian et al. 2024, RLOO (arXiv:2402.14740): r minus the mean of the others
 *   quantile    (r - Q) / (s + 1e-4)   QAE (arXiv:2509.22611); Q is the smallest reward that at least a share
 *                                      `quantile` of the group does not exceed
 *   batch-mean  r - M                  REINFORCE (Williams 1992); M is the mean of all rewards of the batch
 *   psr         r                      Zhu et al. 2025 (arXiv:2506.01347): learns from successes only
 *   nsr         r - 1                  the same: learns from failures only
 *   weighted    0.1 r - (1 - r)        the same: W-REINFORCE
 *
 * The last three have no baseline and are meant for rewards from 0 to 1; others are used as they are. Their source
 * drops the other half of the responses from the batch; here those stay, with advantage 0, and their tokens count in
 * the denominator of the loss.
 *
 * `rewards` holds the groups one after another. Equal rewards give exact zeros: throughout a group in the first four,
 * throughout the batch in batch-mean.
 */
export function groupAdvantages(
  rewards: ArrayLike<number>,
  groupSize: number,
  estimator: Advantage,
  { quantile }: AdvantageSettings = { quantile: 0.4 },
): Float64Array {
  const parts = groups(rewards, groupSize);
  const of = (part: Group) => moments(rewards, part);
  switch (estimator) {
    case 'grpo':
      return againstBaseline(rewards, parts, (part) => {
        const { mean, std } = of(part);
        return (reward) => (reward - mean) / (std + STD_EPSILON);
      });
    case 'dr-grpo':
      return againstBaseline(rewards, parts, (part) => {
        const { mean } = of(part);
        return (reward) => reward - mean;
      });
    case 'rloo':
      return againstBaseline(rewards, parts, (part) => {
        const { mean } = of(part);
        return (reward) => (groupSize / (groupSize - 1)) * (reward - mean);
      });
    case 'quantile':
      return againstBaseline(rewards, parts, (part) => {
        const { std } = of(part);
        const baseline = lowerQuantile(rewards, part, quantile);
        return (reward) => (reward - baseline) / (std + STD_EPSILON);
      });
    case 'batch-mean':
      return againstBaseline(rewards, [{ start: 0, end: rewards.length }], (batch) => {
        const { mean } = of(batch);
        return (reward) => reward - mean;
      });
    case 'psr':
      return Float64Array.from(rewards);
    case 'nsr':
      return Float64Array.from(rewards, (reward) => reward - 1);
    case 'weighted':
      return Float64Array.from(rewards, (reward) => SUCCESS_WEIGHT * reward - (1 - reward));
  }
}

/** Advantages part by part; a part of equal rewards keeps its zeros. */
function againstBaseline(
  rewards: ArrayLike<number>,
  parts: readonly Group[],
  advantageIn: (part: Group) => (reward: number) => number,
): Float64Array {
  const advantages = new Float64Array(rewards.length);
  for (const part of parts) {
    if (!hasSpread(rewards, part)) continue;
    const advantage = advantageIn(part);
    for (let i = part.start; i < part.end; i++) advantages[i] = advantage(rewards[i]);
  }
  return advantages;
}

/**
 * The smallest reward that at least a share `q` of the group does not exceed. Not interpolated: with rewards 0 and 1
 * and a share p of successes it is 0 for p <= 1 - q, where only successes are reinforced, and 1 above, where only
 * failures are punished.
 */
function lowerQuantile(rewards: ArrayLike<number>, { start, end }: Group, q: number): number {
  const sorted = Float64Array.from({ length: end - start }, (_, i) => rewards[start + i]).sort();
  // A quotient of whole numbers rounds to the same float as the decimal it equals; q x n would not (0.55 x 20 > 11).
  const at = sorted.findIndex((_, i) => (i + 1) / sorted.length >= q);
  return sorted[at < 0 ? sorted.length - 1 : at];
}

/** How many groups have equal rewards throughout, and so nothing to learn from. */
export function zeroVarianceGroups(rewards: ArrayLike<number>, groupSize: number): number {
  return groups(rewards, groupSize).filter((group) => !hasSpread(rewards, group)).length;
}

interface Group {
  readonly start: number;
  readonly end: number;
}

function groups(rewards: ArrayLike<number>, groupSize: number): Group[] {
  if (!Number.isInteger(groupSize) || groupSize < 1 || rewards.length % groupSize !== 0) {
    throw new RangeError(`${rewards.length} rewards do not split into groups of ${groupSize}`);
  }
  return Array.from({ length: rewards.length / groupSize }, (_, g) => ({
    start: g * groupSize,
    end: (g + 1) * groupSize,
  }));
}

/** Compared value by value: a rounded mean of equal rewards can miss them by one bit and give a sign to nothing. */
function hasSpread(rewards: ArrayLike<number>, { start, end }: Group): boolean {
  for (let i = start + 1; i < end; i++) if (rewards[i] !== rewards[start]) return true;
  return false;
}

function moments(rewards: ArrayLike<number>, { start, end }: Group): { mean: number; std: number } {
  const n = end - start;
  let sum = 0;
  for (let i = start; i < end; i++) sum += rewards[i];
  const mean = sum / n;
  let squares = 0;
  for (let i = start; i < end; i++) squares += (rewards[i] - mean) ** 2;
  return { mean, std: Math.sqrt(squares / n) };
}
