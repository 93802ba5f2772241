import {
  pairedDifference,
  summarise,
  mean,
  type PairedDifference,
  type Summary,
} from './statistics';

/** What is kept of one run: an arm at a seed. */
export interface RunResult {
  readonly arm: string;
  readonly seed: number;
  /** Means over the last quarter of the steps. */
  readonly entropy: number;
  readonly reward: number;
  /** On held-out prompts, after the last step; null where a run was stopped before it. */
  readonly evaluation: Readonly<Record<string, number | null>> | null;
}

export interface ArmSummary {
  readonly arm: string;
  readonly entropy: Summary;
  readonly reward: Summary;
  readonly evaluation: Readonly<Record<string, Summary>>;
}

/** First arm minus second, seed by seed. */
export interface PairSummary {
  readonly first: string;
  readonly second: string;
  readonly entropy: PairedDifference;
  readonly reward: PairedDifference;
  readonly evaluation: Readonly<Record<string, PairedDifference>>;
}

/** summary.json without what identifies the experiment. */
export interface ExperimentSummary {
  readonly runs: readonly RunResult[];
  readonly arms: readonly ArmSummary[];
  readonly pairs: readonly PairSummary[];
}

/** Mean over the last quarter of a series, at least its last value. */
export function lastQuarter(series: readonly number[]): number {
  return mean(series.slice(-Math.max(1, Math.ceil(series.length / 4))));
}

/** Effect sizes with intervals: per arm over seeds, and per pair of arms over the seeds both have. */
export function summariseRuns(runs: readonly RunResult[]): ExperimentSummary {
  const names = [...new Set(runs.map(({ arm }) => arm))];
  const of = (arm: string) => runs.filter((run) => run.arm === arm);
  const arms = names.map((arm) => ({
    arm,
    entropy: summarise(of(arm).map(({ entropy }) => entropy)),
    reward: summarise(of(arm).map(({ reward }) => reward)),
    evaluation: overMeasures(of(arm), (values) => summarise(values)),
  }));
  const pairs = names.flatMap((first, i) =>
    names.slice(i + 1).map((second) => comparePair(first, second, of(first), of(second))),
  );
  return { runs, arms, pairs };
}

function comparePair(
  first: string,
  second: string,
  a: readonly RunResult[],
  b: readonly RunResult[],
): PairSummary {
  const shared = a.flatMap((run) => {
    const other = b.find(({ seed }) => seed === run.seed);
    return other ? [[run, other] as const] : [];
  });
  const difference = (pick: (run: RunResult) => number) =>
    pairedDifference(
      shared.map(([run]) => pick(run)),
      shared.map(([, other]) => pick(other)),
    );
  const evaluation: Record<string, PairedDifference> = {};
  for (const measure of measuresOf(shared.flat())) {
    evaluation[measure] = difference((run) => run.evaluation?.[measure] ?? NaN);
  }
  return {
    first,
    second,
    entropy: difference(({ entropy }) => entropy),
    reward: difference(({ reward }) => reward),
    evaluation,
  };
}

/** How large an evaluation was, not what it found. */
const SIZES = ['prompts', 'samples'];

/** Measures that every run has as a number. */
function measuresOf(runs: readonly RunResult[]): string[] {
  const [first] = runs;
  return Object.keys(first?.evaluation ?? {}).filter(
    (key) => !SIZES.includes(key) && runs.every((run) => typeof run.evaluation?.[key] === 'number'),
  );
}

function overMeasures<T>(
  runs: readonly RunResult[],
  summary: (values: readonly number[]) => T,
): Record<string, T> {
  const result: Record<string, T> = {};
  for (const key of measuresOf(runs)) {
    result[key] = summary(runs.map((run) => run.evaluation?.[key] ?? NaN));
  }
  return result;
}
