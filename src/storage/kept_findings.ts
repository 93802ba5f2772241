import type { MeasureKind } from '../recipe/measure';
import { plainProblems, type Plain } from './plain';
import { MOST_GROUPS } from './read_rollouts';
import type { RecordedGroup } from './record';

/** What an evaluation found of one run after `step`; keys are those of evaluations.jsonl. */
export interface KeptEvaluation {
  readonly run: string;
  readonly step: number;
  readonly values: Readonly<Record<string, Plain>>;
}

/** What a measurement found of one run after `step`; keys are those of measures.jsonl. */
export interface KeptMeasurement extends KeptEvaluation {
  readonly kind: MeasureKind;
}

/** The responses of one run that were shown, in the order of their steps. */
export interface KeptRollouts {
  readonly run: string;
  readonly groups: readonly RecordedGroup[];
}

export const MOST_EVALUATIONS = 20_000;
export const MOST_MEASUREMENTS = 20_000;
/** Response tokens of one run, about 300 kB in a file. */
export const MOST_ROLLOUT_TOKENS = 16_384;

/** What a reader would refuse is not worth a run that cannot be opened: it is left out. */
export function readable<T extends { readonly values: unknown }>(all: readonly T[]): readonly T[] {
  return all.filter(({ values }) => plainProblems('values', values).length === 0);
}

/** Of more than `most`, which is what a file may hold, the oldest are left out. */
export function newestFindings<T extends KeptEvaluation>(
  all: readonly T[],
  most: number,
): readonly T[] {
  if (all.length <= most) return all;
  return all.toSorted((a, b) => a.step - b.step).slice(all.length - most);
}

/** The newest groups that together have no more steps and response tokens, which `count` counts, than a file may hold. */
export function newestGroups<T>(groups: readonly T[], count: (group: T) => number): readonly T[] {
  let tokens = 0;
  const first = groups.findLastIndex((group) => {
    tokens += count(group);
    return tokens > MOST_ROLLOUT_TOKENS;
  });
  return groups.slice(Math.max(first + 1, groups.length - MOST_GROUPS));
}

export function responseTokens({ responses }: Pick<RecordedGroup, 'responses'>): number {
  return responses.reduce((sum, { tokens }) => sum + tokens.length, 0);
}
