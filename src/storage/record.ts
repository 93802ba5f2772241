import type { AdapterFacts } from '../recipe/adapter_facts';
import type { Experiment } from '../recipe/experiment';
import type { MeasureKind } from '../recipe/measure';
import type { StepMetrics } from '../rl/metrics';
import type { ExperimentSummary } from '../rl/summary';
import type { Plain } from './plain';

export const RECORD_FORMAT = 'rlvr-record-1';

/** An experiment that has been run, in one file small enough to ship with the page: what was run, and what came of it. */
export interface RunRecord {
  readonly format: typeof RECORD_FORMAT;
  readonly experiment: Experiment;
  readonly made: Made;
  /** In the order of the experiment. */
  readonly arms: readonly RecordedArm[];
  readonly summary: ExperimentSummary;
}

/** How a record came about. */
export interface Made {
  readonly adapter: AdapterFacts;
  /** What ran the program: a browser's user agent, or Node with its package for WebGPU. Null where it is not known. */
  readonly browser: string | null;
  /** SHA-256 of the shaders that made all of its steps (gpu/shader_hash.ts); null where it is not known, or several did. */
  readonly shaders: string | null;
  /** Of this program. */
  readonly version: string;
  /** ISO 8601. */
  readonly finished_at: string;
  /** Steps taken. */
  readonly steps: number;
  /** False where the run was stopped before its last step. */
  readonly finished: boolean;
}

export interface RecordedArm {
  readonly name: string;
  /** One for each seed, in the order of the experiment. */
  readonly runs: readonly RecordedRun[];
}

export interface RecordedRun {
  readonly seed: number;
  /** Steps whose numbers are kept, ascending from 1. */
  readonly steps: readonly number[];
  /** One number for each of those steps. Keys of StepMetrics; those that stay the same throughout are left out. */
  readonly series: RecordedSeries;
  readonly evaluations: readonly RecordedEvaluation[];
  readonly measures: readonly RecordedMeasure[];
  /** Of the first seed, at a few steps; absent from records made before there were any. */
  readonly rollouts?: readonly RecordedGroup[];
}

/** The responses to one prompt, for people to read; tokens are numbers of the task's vocabulary. */
export interface RecordedGroup {
  readonly step: number;
  readonly prompt: readonly number[];
  readonly responses: readonly {
    readonly tokens: readonly number[];
    /** Nats, one for each token. */
    readonly entropy: readonly number[];
    /** Natural, one for each token, when it was drawn. This and the next are absent from what was recorded before there were any. */
    readonly logprob?: readonly number[];
    /** In training: rewards may not have been the verifier's. */
    readonly advantage?: number;
  }[];
}

type RecordedResponse = RecordedGroup['responses'][number];

/** A response as records have it: 4 significant digits. */
export function recordedResponse({
  tokens,
  entropy,
  logprob,
  advantage,
}: RecordedResponse): RecordedResponse {
  return {
    tokens,
    entropy: entropy.map(toDigits),
    ...(logprob && { logprob: logprob.map(toDigits) }),
    ...(advantage !== undefined && { advantage: toDigits(advantage) }),
  };
}

export type RecordedSeries = Readonly<
  Record<string, readonly number[]> & Record<'entropy' | 'reward', readonly number[]>
>;
export type RecordedEvaluation = Readonly<Record<string, Plain>> & { readonly step: number };
export type RecordedMeasure = RecordedEvaluation & { readonly kind: MeasureKind };

interface OfRun {
  readonly arm: string;
  readonly seed: number;
  readonly step: number;
}

type StepLine = OfRun & Pick<StepMetrics, 'entropy' | 'reward'>;

/** Everything an experiment reported while it ran, each line with its arm, seed and step. */
export interface RunLines {
  /** Whatever else StepMetrics has is kept where it is a number. */
  readonly metrics: readonly StepLine[];
  readonly evaluations: readonly OfRun[];
  readonly measures: readonly (OfRun & { readonly kind: MeasureKind })[];
  readonly rollouts: readonly (OfRun & RecordedGroup)[];
}

/** Points kept of a series: as many as a chart can show. */
export const MOST_POINTS = 120;

/**
 * A record of finished runs. Series are thinned to at most 120 points and all measured numbers rounded to 4 significant
 * digits; the summary was made before, from every step.
 */
export function recordOf(
  experiment: Experiment,
  lines: RunLines,
  summary: ExperimentSummary,
  made: Made,
): RunRecord {
  const arms = experiment.arms.map(({ name }) => ({
    name,
    runs: experiment.seeds.map((seed) => {
      const own = <T extends OfRun>(all: readonly T[]) =>
        all.filter((line) => line.arm === name && line.seed === seed);
      return {
        seed,
        ...seriesOf(own(lines.metrics)),
        evaluations: own(lines.evaluations).map(withoutRun) as unknown as RecordedEvaluation[],
        measures: own(lines.measures).map(withoutRun) as unknown as RecordedMeasure[],
        ...rolloutsOf(own(lines.rollouts)),
      };
    }),
  }));
  return {
    format: RECORD_FORMAT,
    experiment,
    made,
    arms,
    summary: rounded(summary) as ExperimentSummary,
  };
}

function rolloutsOf(lines: RunLines['rollouts']): Pick<RecordedRun, 'rollouts'> {
  if (lines.length === 0) return {};
  const rollouts = lines.map(({ step, prompt, responses }) => ({
    step,
    prompt,
    responses: responses.map(recordedResponse),
  }));
  return { rollouts };
}

function seriesOf(metrics: readonly StepLine[]): Pick<RecordedRun, 'steps' | 'series'> {
  const kept = thinned(metrics.length).flatMap((i) => metrics[i] ?? []);
  const columns = Object.keys(kept[0] ?? {})
    .filter((key) => key !== 'arm' && key !== 'seed' && key !== 'step')
    .map((key) => [key, kept.map((line) => (line as unknown as Record<string, unknown>)[key])])
    .filter((column): column is [string, number[]] =>
      isWorthKeeping(...(column as [string, unknown[]])),
    );
  const series = Object.fromEntries(columns.map(([key, values]) => [key, values.map(toDigits)]));
  return {
    steps: kept.map(({ step }) => step),
    series: { entropy: [], reward: [], ...series },
  };
}

/** A number at every step, and not the same one: a constant is a setting, or nothing happened. */
function isWorthKeeping(key: string, values: readonly unknown[]): boolean {
  if (!values.every((value) => typeof value === 'number' && Number.isFinite(value))) return false;
  if (key === 'entropy' || key === 'reward' || values.length < 2) return true;
  return values.some((value) => value !== values[0]);
}

/** Places kept of a series of `length`: every s-th from the first, s as small as fits, and the last. */
export function thinned(length: number, most = MOST_POINTS): number[] {
  const stride = Math.max(1, Math.ceil((length - 1) / (most - 1)));
  return Array.from({ length }, (_, i) => i).filter((i) => i % stride === 0 || i === length - 1);
}

/** 4 significant digits. */
export function toDigits(value: number): number {
  return Number(value.toPrecision(4));
}

function withoutRun(line: OfRun): object {
  return Object.fromEntries(
    Object.entries(line)
      .filter(([key]) => key !== 'arm' && key !== 'seed')
      .map(([key, value]) => [key, key === 'step' ? value : rounded(value)]),
  );
}

/** Every number in a value rounded, but for seeds, which name a run. What is not finite becomes null, as in JSON. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? toDigits(value) : null;
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'seed' ? item : rounded(item)]),
  );
}
