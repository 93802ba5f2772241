import { spearman } from './correlation';
import {
  pairedDifference,
  summarise,
  mean,
  type PairedDifference,
  type Summary,
} from './statistics';

/** An evaluation as it is kept: numbers, null where there is none, and details that are not summarised. */
type Measures = Readonly<Record<string, unknown>>;

/** What is kept of one run: an arm at a seed. */
export interface RunResult {
  readonly arm: string;
  readonly seed: number;
  /** Means over the last quarter of the steps. */
  readonly entropy: number;
  readonly reward: number;
  /** On held-out prompts, after the last step; null where a run was stopped before it. */
  readonly evaluation: Measures | null;
  /** The same on the training prompts, where it was asked for. */
  readonly evaluation_training?: Measures | null;
  /** See entropyAtReward. */
  readonly entropy_at_reward: Readonly<Record<string, number | null>>;
  /** Spearman's correlation of held-out entropy with each other measure along the run; see entropyCorrelations. */
  readonly correlations?: Readonly<Record<string, number | null>>;
}

/** What is said of each quantity of the runs. A measure that no run has is absent. */
interface Quantities<T> {
  readonly entropy: T;
  readonly reward: T;
  /** Measures that every run has. */
  readonly evaluation: Readonly<Record<string, T>>;
  /** Over the runs that have the number; n says how many. */
  readonly evaluation_training: Readonly<Record<string, T>>;
  readonly entropy_at_reward: Readonly<Record<string, T>>;
}

export interface ArmSummary extends Quantities<Summary> {
  readonly arm: string;
}

/** First arm minus second, seed by seed. */
export interface PairSummary extends Quantities<PairedDifference> {
  readonly first: string;
  readonly second: string;
}

/** summary.json without what identifies the experiment. */
export interface ExperimentSummary {
  readonly runs: readonly RunResult[];
  readonly arms: readonly ArmSummary[];
  readonly pairs: readonly PairSummary[];
  /** Spearman's correlation over all runs of held-out entropy with each other measure; empty below four runs. */
  readonly correlations: Readonly<Record<string, number | null>>;
}

/** Mean over the last quarter of a series, at least its last value. */
export function lastQuarter(series: readonly number[]): number {
  return mean(valuesOfLastQuarter(series));
}

export function valuesOfLastQuarter(series: readonly number[]): readonly number[] {
  return series.slice(-quarterOf(series.length));
}

/** How many of so many steps are the last quarter. */
export function quarterOf(steps: number): number {
  return Math.max(1, Math.ceil(steps / 4));
}

const REWARD_LEVELS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

/** Steps that a curve is averaged over before it is read off at a level. */
const SMOOTHING_STEPS = 5;

/**
 * Entropy (nats) where a run first reaches each level of reward: compares arms at equal skill rather than at equal
 * time. Both series (one value per step) are smoothed by the mean of the last five steps, fewer at the start; a level
 * the run begins at or above is read off at its first step. Null where it is never reached. Keys are the levels.
 */
export function entropyAtReward(
  entropy: readonly number[],
  reward: readonly number[],
  levels: readonly number[] = REWARD_LEVELS,
): Record<string, number | null> {
  if (entropy.length !== reward.length) {
    throw new RangeError(`${entropy.length} steps of entropy but ${reward.length} of reward`);
  }
  const [smoothEntropy, smoothReward] = [trailingMean(entropy), trailingMean(reward)];
  return Object.fromEntries(
    levels.map((level) => {
      const at = smoothReward.findIndex((value) => value >= level);
      return [String(level), at < 0 ? null : smoothEntropy[at]];
    }),
  );
}

function trailingMean(series: readonly number[]): number[] {
  return series.map((_, i) => mean(series.slice(Math.max(0, i + 1 - SMOOTHING_STEPS), i + 1)));
}

/** Effect sizes with intervals: per arm over seeds, and per pair of arms over the seeds both have. */
export function summariseRuns(runs: readonly RunResult[]): ExperimentSummary {
  const names = [...new Set(runs.map(({ arm }) => arm))];
  const of = (arm: string) => runs.filter((run) => run.arm === arm);
  const arms = names.map((arm) => ({
    arm,
    ...overQuantities(
      of(arm).map((run) => [run]),
      (rows) => summarise(rows.map(([value]) => value)),
    ),
  }));
  const pairs = names.flatMap((first, i) =>
    names.slice(i + 1).map((second) => ({
      first,
      second,
      ...overQuantities(sharedSeeds(of(first), of(second)), (rows) =>
        pairedDifference(
          rows.map(([value]) => value),
          rows.map(([, value]) => value),
        ),
      ),
    })),
  );
  return {
    runs,
    arms,
    pairs,
    correlations: entropyCorrelations(runs.map(({ evaluation }) => evaluation ?? {})),
  };
}

function sharedSeeds(first: readonly RunResult[], second: readonly RunResult[]): RunResult[][] {
  return first.flatMap((run) => {
    const other = second.find(({ seed }) => seed === run.seed);
    return other ? [[run, other]] : [];
  });
}

/** One row of numbers per row of runs: a run alone, or the two of a pair. */
type Statement<T> = (rows: readonly (readonly number[])[]) => T;

function overQuantities<T>(
  rows: readonly (readonly RunResult[])[],
  statement: Statement<T>,
): Quantities<T> {
  const over = (pick: (run: RunResult) => number) => statement(rows.map((row) => row.map(pick)));
  const overAll = (
    pick: (run: RunResult) => Measures | null | undefined,
    needed: 'in every row' | 'where it exists',
  ) =>
    overMeasures(
      rows.map((row) => row.map((run) => pick(run) ?? {})),
      needed,
      statement,
    );
  return {
    entropy: over(({ entropy }) => entropy),
    reward: over(({ reward }) => reward),
    evaluation: overAll(({ evaluation }) => evaluation, 'in every row'),
    evaluation_training: overAll((run) => run.evaluation_training, 'where it exists'),
    entropy_at_reward: overAll((run) => run.entropy_at_reward, 'where it exists'),
  };
}

/** How large an evaluation was, not what it found. */
const SIZES = ['prompts', 'samples'];

/** Each measure over the rows in which it is a number throughout. */
function overMeasures<T>(
  rows: readonly (readonly Measures[])[],
  needed: 'in every row' | 'where it exists',
  statement: Statement<T>,
): Record<string, T> {
  const keys = new Set(rows.flat().flatMap(Object.keys));
  const result: Record<string, T> = {};
  for (const key of keys) {
    if (SIZES.includes(key)) continue;
    const numbers = rows
      .map((row) => row.map((measures) => measures[key]))
      .filter((row) => row.every((value) => typeof value === 'number'));
    if (numbers.length === 0 || (needed === 'in every row' && numbers.length < rows.length)) {
      continue;
    }
    result[key] = statement(numbers);
  }
  return result;
}

/** With fewer points than this a rank correlation says next to nothing: of three, all orders are likely. */
export const LEAST_CORRELATED = 4;

/** Of entropy with each other measure that is a number in all evaluations; empty of fewer than four. */
export function entropyCorrelations(
  evaluations: readonly Measures[],
): Record<string, number | null> {
  if (evaluations.length < LEAST_CORRELATED) return {};
  const values = overMeasures(
    evaluations.map((evaluation) => [evaluation]),
    'in every row',
    (rows) => rows.map(([value]) => value),
  );
  const { entropy, ...others } = values;
  if (!entropy) return {};
  return Object.fromEntries(
    Object.entries(others).map(([measure, found]) => [measure, spearman(entropy, found)]),
  );
}
