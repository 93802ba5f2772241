import type { Advantage } from '../recipe/recipe';

/** Keeps the division finite in a group of equal rewards. */
export const STD_EPSILON = 1e-4;

/**
 * Advantage of each response against the other responses to its prompt.
 *
 * With r the rewards of a group of n, m their mean and s their population standard deviation:
 *   grpo     (r - m) / (s + 1e-4)   Shao et al. 2024, DeepSeekMath (arXiv:2402.03300) section 4.1
 *   dr-grpo  r - m                  Liu et al. 2025, Dr. GRPO (arXiv:2503.20783)
 *   rloo     n / (n - 1) (r - m)    Ahmadian et al. 2024, RLOO (arXiv:2402.14740): r minus the mean of the others
 *
 * `rewards` holds the groups one after another; a group of equal rewards gets exact zeros.
 */
export function groupAdvantages(
  rewards: ArrayLike<number>,
  groupSize: number,
  estimator: Advantage,
): Float64Array {
  const advantages = new Float64Array(rewards.length);
  for (const group of groups(rewards, groupSize)) {
    if (!hasSpread(rewards, group)) continue;
    const { mean, std } = moments(rewards, group);
    for (let i = group.start; i < group.end; i++) {
      advantages[i] = scaled(rewards[i] - mean, std, groupSize, estimator);
    }
  }
  return advantages;
}

function scaled(difference: number, std: number, n: number, estimator: Advantage): number {
  switch (estimator) {
    case 'grpo':
      return difference / (std + STD_EPSILON);
    case 'dr-grpo':
      return difference;
    case 'rloo':
      return (n / (n - 1)) * difference;
  }
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
