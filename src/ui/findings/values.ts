import { mean } from '../../rl/statistics';
import type { Arm } from '../../store/experiment';
import { evaluationsOf, type EvaluatedOn, type Finding } from '../../store/findings';
import { runId } from '../../store/run_id';

/** A number of an evaluation or a measurement, which may come from a file; null where there is none. */
export function numberAt(finding: Finding | null | undefined, key: string): number | null {
  const value = finding?.values[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A list of numbers, holes as null; empty where there is none. */
export function numbersAt(finding: Finding | null | undefined, key: string): (number | null)[] {
  const value = finding?.values[key];
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown) => (typeof item === 'number' ? item : null));
}

/** A list of objects, such as the bars of a diagram. */
export function rowsAt(
  finding: Finding | null | undefined,
  key: string,
): Readonly<Record<string, unknown>>[] {
  const value = finding?.values[key];
  if (!Array.isArray(value)) return [];
  return value.filter(
    (item: unknown): item is Record<string, unknown> => typeof item === 'object' && item !== null,
  );
}

/** A number over the seeds of an arm, with the ends of its range. */
export interface OverSeeds {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly seeds: number;
}

export function overSeeds(values: readonly (number | null)[]): OverSeeds | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return {
    mean: mean(known),
    low: Math.min(...known),
    high: Math.max(...known),
    seeds: known.length,
  };
}

/** The newest evaluation of each seed of an arm that has one. */
export function newestOf(arm: Arm, seeds: readonly number[], on: EvaluatedOn): Finding[] {
  return seeds.flatMap((seed) => evaluationsOf(runId(arm.id, seed), on).at(-1) ?? []);
}

/** Steps at which an arm was evaluated, and the measure there, means over its seeds. */
export function alongSteps(
  arm: Arm,
  seeds: readonly number[],
  on: EvaluatedOn,
  key: string,
): { readonly step: number; readonly value: number }[] {
  const all = seeds.flatMap((seed) => evaluationsOf(runId(arm.id, seed), on));
  const steps = [...new Set(all.map(({ step }) => step))].sort((a, b) => a - b);
  return steps.flatMap((step) => {
    const found = overSeeds(
      all.filter((finding) => finding.step === step).map((finding) => numberAt(finding, key)),
    );
    return found === null ? [] : [{ step, value: found.mean }];
  });
}
