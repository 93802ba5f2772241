import type { Recipe } from '../recipe/recipe';
import type { Random } from '../tasks/task';
import { integerBelow } from './random';

/** How many others of its group a response is compared with to label it by preference. */
export const COMPARISONS = 4;

export type RewardRecipe = Pick<
  Recipe,
  'reward' | 'label_noise' | 'length_penalty' | 'overlong_buffer' | 'group_size'
>;

/**
 * What the learner is told of each response, in this order:
 *
 *   source   verifier    what was verified, v
 *            random      a fair coin, whatever the response (Shao et al. 2025, arXiv:2506.10947)
 *            preference  the share of wins over COMPARISONS others of the group, drawn with replacement: the higher v
 *                        wins, ties fall to a fair coin. Labels as a Bradley-Terry comparison would give them, made
 *                        from the verifier: for asking whether a finding holds beyond verifiable rewards. Our choice.
 *   noise    r becomes 1 - r with probability label_noise
 *   length   r - length_penalty x length / longest
 *   overlong r - 0 up to longest - buffer, then a straight line to r - 1 at longest: DAPO's soft penalty
 *            (Yu et al. 2025, arXiv:2503.14476, eq. 13)
 *
 * `verified` and `lengths` (tokens, the end token included) have one entry per response, groups one after another.
 * `longest` is the most tokens a response can have; one cut off there counts as that long, like one that just ended.
 * With the default recipe the rewards are those verified. How many numbers are drawn depends on the source alone, so
 * arms that differ in label_noise flip nested sets of the same responses.
 */
export function trainingRewards(
  verified: readonly number[],
  lengths: readonly number[],
  recipe: RewardRecipe,
  longest: number,
  random: Random,
): number[] {
  if (verified.length !== lengths.length) {
    throw new RangeError(`${verified.length} rewards for ${lengths.length} responses`);
  }
  return sourced(verified, recipe, random)
    .map((reward) => (random() < recipe.label_noise ? 1 - reward : reward))
    .map((reward, i) => reward - penalty(lengths[i], longest, recipe));
}

function sourced(verified: readonly number[], recipe: RewardRecipe, random: Random): number[] {
  switch (recipe.reward) {
    case 'verifier':
      return verified.slice();
    case 'random':
      return verified.map(() => coin(random));
    case 'preference':
      return preferences(verified, recipe.group_size, random);
  }
}

/** Draws two numbers per comparison, the coin also where it is not needed: how many does not depend on the rewards. */
function preferences(verified: readonly number[], groupSize: number, random: Random): number[] {
  if (!Number.isInteger(groupSize) || groupSize < 2 || verified.length % groupSize !== 0) {
    throw new RangeError(
      `${verified.length} responses cannot be compared in groups of ${groupSize}`,
    );
  }
  return verified.map((own, i) => {
    const place = i % groupSize;
    let wins = 0;
    for (let c = 0; c < COMPARISONS; c++) {
      const other = integerBelow(groupSize - 1, random);
      const opponent = verified[i - place + (other < place ? other : other + 1)];
      const tie = coin(random);
      wins += own === opponent ? tie : Number(own > opponent);
    }
    return wins / COMPARISONS;
  });
}

const coin = (random: Random) => (random() < 0.5 ? 1 : 0);

/** Not less than 0 unless length_penalty is. */
function penalty(
  length: number,
  longest: number,
  { length_penalty, overlong_buffer: buffer }: RewardRecipe,
): number {
  const over = buffer === null ? 0 : length - (longest - buffer);
  const overlong = buffer === null || over <= 0 ? 0 : Math.min(1, over / buffer);
  return (length_penalty * length) / longest + overlong;
}
