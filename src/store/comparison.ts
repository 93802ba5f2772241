import { differingKeys } from '../recipe/difference';
import type { Recipe, RecipeKey } from '../recipe/recipe';
import { mean, pairedDifference, type PairedDifference } from '../rl/statistics';
import { lastQuarter, quarterOf } from '../rl/summary';
import type { KeptRun } from '../storage/run_file';
import type { MetricKey } from './columns';
import { experimentOf } from './kept_run';
import { runId } from './run_id';

/** One arm of one run. */
export interface Side {
  readonly run: KeptRun;
  /** Its id. */
  readonly arm: string;
}

/** What is compared until somebody chooses otherwise. */
export const FIRST_COMPARED: readonly MetricKey[] = ['entropy', 'reward'];

/** Settings that decide which prompts a run trains on at a seed: the same here, and runs see the same. */
const PROMPTS: readonly RecipeKey[] = [
  'task',
  'policy',
  'prompts_per_step',
  'group_size',
  'train_prompts',
  'difficulty_low',
  'difficulty_high',
  'dynamic_sampling',
];

/** A setting that two arms do not share. */
export interface Difference {
  readonly key: RecipeKey;
  readonly first: Recipe[RecipeKey];
  readonly second: Recipe[RecipeKey];
}

/** One quantity over the last quarter of the steps that both have. */
export interface ComparedQuantity {
  readonly quantity: MetricKey;
  /** Means over the seeds of each; NaN where it was not measured at some of the steps. */
  readonly first: number;
  readonly second: number;
  /** First minus second, seed by seed; null where the runs are no pairs, and where one was not measured. */
  readonly paired: PairedDifference | null;
  readonly bySeed: readonly {
    readonly seed: number;
    readonly first: number;
    readonly second: number;
  }[];
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Why seeds of the two cannot be paired; null where they can. */
  readonly unpaired: { readonly seeds: true } | { readonly settings: readonly RecipeKey[] } | null;
  /** Seeds that both have. */
  readonly seeds: readonly number[];
  /** The steps that the means are over. */
  readonly from: number;
  readonly to: number;
  readonly quantities: readonly ComparedQuantity[];
}

/** Two arms side by side in some quantities; null where one of them has no step yet. */
export function compare(
  first: Side,
  second: Side,
  quantities: readonly MetricKey[] = FIRST_COMPARED,
): Comparison | null {
  const [a, b] = [recipeOf(first), recipeOf(second)];
  const to = Math.min(first.run.step, second.run.step);
  if (a === undefined || b === undefined || to < 1) return null;
  const seeds = seedsOf(first).filter((seed) => seedsOf(second).includes(seed));
  const differences = differingKeys(a, b)
    .filter((key) => key !== 'seed')
    .map((key) => ({ key, first: a[key], second: b[key] }));
  const apart = PROMPTS.filter((key) => differences.some((difference) => difference.key === key));
  const unpaired =
    seeds.length === 0 ? { seeds: true as const } : apart.length > 0 ? { settings: apart } : null;
  return {
    differences,
    unpaired,
    seeds,
    from: to - quarterOf(to) + 1,
    to,
    quantities: quantities.map((quantity) =>
      compareOf(quantity, first, second, to, unpaired ? [] : seeds),
    ),
  };
}

/** Whether an arm has a number of this quantity at any step of any seed. */
export function hasQuantity({ run, arm }: Side, quantity: MetricKey): boolean {
  return run.experiment.seeds.some((seed) =>
    run.series.get(runId(arm, seed))?.get(quantity)?.some(Number.isFinite),
  );
}

function compareOf(
  quantity: MetricKey,
  first: Side,
  second: Side,
  steps: number,
  pairs: readonly number[],
): ComparedQuantity {
  const late = (side: Side, seed: number) => {
    const values = side.run.series.get(runId(side.arm, seed))?.get(quantity);
    return values === undefined ? NaN : lastQuarter(Array.from(values.subarray(0, steps)));
  };
  const bySeed = pairs.map((seed) => ({
    seed,
    first: late(first, seed),
    second: late(second, seed),
  }));
  const measured = bySeed.every((pair) => Number.isFinite(pair.first - pair.second));
  return {
    quantity,
    first: mean(seedsOf(first).map((seed) => late(first, seed))),
    second: mean(seedsOf(second).map((seed) => late(second, seed))),
    paired:
      bySeed.length === 0 || !measured
        ? null
        : pairedDifference(
            bySeed.map((pair) => pair.first),
            bySeed.map((pair) => pair.second),
          ),
    bySeed,
  };
}

function recipeOf({ run, arm }: Side): Recipe | undefined {
  return experimentOf(run).arms.find(({ id }) => id === arm)?.recipe;
}

function seedsOf({ run }: Side): readonly number[] {
  return run.experiment.seeds;
}
