import { asProblems, whole } from './experiment_parts';
import { choiceProblem, numberProblem, quoted, readObject, resultOf } from './untrusted';
import type { Problem, Result } from './untrusted';

/**
 * What can be measured of a policy between two steps, at a cost that not every step should bear.
 *
 *   drive          what each sign of the advantage would do to entropy, predicted and measured
 *   probe          the change of entropy through one training step, predicted and measured update by update
 *   identity       the drives of both signs by success rate, against (1 - p) / p
 *   clip-trace     what clipping has left of each sign, update by update on one batch
 *   contributions  what positive tokens, negative tokens, clipping and staleness do to the entropy in one step
 *   ratios         the ratios at the end of a step, by sign, with the clip range
 */
export const MEASURE_KINDS = [
  'drive',
  'probe',
  'identity',
  'clip-trace',
  'contributions',
  'ratios',
] as const;
export type MeasureKind = (typeof MEASURE_KINDS)[number];

/** When, what and on how many rollouts an experiment measures. */
export interface Measure {
  /** Steps already taken, ascending; 0: the base policy. */
  readonly at: readonly number[];
  readonly kinds: readonly MeasureKind[];
  readonly prompts: number;
  readonly samples: number;
}

export const MOST_MEASURED_STEPS = 64;

const STEP = whole(0, 100000);
const SIZES = { prompts: whole(1, 1024), samples: whole(2, 1024) } as const;
const DEFAULT_SIZES = { prompts: 64, samples: 16 } as const;

/** What to measure, from foreign data; null, the default, measures nothing. */
export function parseMeasure(value: unknown): Result<Measure | null> {
  if (value === null) return { ok: true, value: null };
  const read = readObject(value, ['at', 'kinds', 'prompts', 'samples'], 'measure');
  if (!read.ok) return read;
  const size = (key: keyof typeof SIZES): unknown =>
    read.value.has(key) ? read.value.get(key) : DEFAULT_SIZES[key];
  const at = parseSteps(read.value.get('at'));
  const kinds = parseKinds(read.value.get('kinds'));
  const [prompts, samples] = [size('prompts'), size('samples')];
  const problems = [
    ...(at.ok ? [] : at.problems),
    ...(kinds.ok ? [] : kinds.problems),
    ...asProblems('measure', numberProblem('measure.prompts', SIZES.prompts, prompts)),
    ...asProblems('measure', numberProblem('measure.samples', SIZES.samples, samples)),
  ];
  return resultOf(
    {
      at: at.ok ? at.value : [],
      kinds: kinds.ok ? kinds.value : [],
      prompts: typeof prompts === 'number' ? prompts : 0,
      samples: typeof samples === 'number' ? samples : 0,
    },
    problems,
  );
}

/** A measurement after the last step would silently never be made. */
export function measuredTooLate(measure: Measure | null, steps: number): Problem[] {
  const late = measure?.at.find((step) => step > steps);
  return late === undefined
    ? []
    : asProblems('measure', `measure.at must not go beyond the last step ${steps}; got ${late}`);
}

/** What a minibatch is made of. */
interface Batches {
  readonly prompts_per_step: number;
  readonly group_size: number;
  readonly minibatches: number;
}

/** A clip trace works on one minibatch, in which nothing can be compared with a single response. */
export function minibatchTooSmall(measure: Measure | null, recipes: readonly Batches[]): Problem[] {
  if (!measure?.kinds.includes('clip-trace')) return [];
  const tooSmall = recipes.some(
    ({ prompts_per_step: prompts, group_size: size, minibatches }) =>
      prompts * size < 2 * minibatches,
  );
  return tooSmall
    ? asProblems('measure', 'measure: a clip-trace needs minibatches of at least 2 responses')
    : [];
}

/** What of a plan to measure fits these recipes, which may have been changed since it was made; null where nothing does. */
export function fittingMeasure(
  measure: Measure | null,
  recipes: readonly (Batches & { readonly steps: number })[],
): Measure | null {
  if (measure === null) return null;
  const steps = Math.max(0, ...recipes.map((recipe) => recipe.steps));
  const at = measure.at.filter((step) => step <= steps);
  const kinds =
    minibatchTooSmall(measure, recipes).length === 0
      ? measure.kinds
      : measure.kinds.filter((kind) => kind !== 'clip-trace');
  return at.length === 0 || kinds.length === 0 ? null : { ...measure, at, kinds };
}

/** A plan to measure before the first step and after every so many; fewer where there would be too many. */
export function measureEvery(
  every: number,
  steps: number,
  what: Pick<Measure, 'kinds' | 'prompts' | 'samples'>,
): Measure {
  const count = Math.min(MOST_MEASURED_STEPS, Math.floor(steps / every) + 1);
  return { ...what, at: Array.from({ length: count }, (_, i) => i * every) };
}

function parseSteps(value: unknown): Result<readonly number[]> {
  const list = readList(value, 'at', `at most ${MOST_MEASURED_STEPS} steps`, MOST_MEASURED_STEPS);
  if (!list.ok) return list;
  const steps = list.value.filter((step): step is number => numberProblem('', STEP, step) === null);
  const wrong = list.value.flatMap((step, i) =>
    asProblems('measure', numberProblem(`measure.at[${i}]`, STEP, step)),
  );
  const unordered = steps.filter((step, i) => step <= (steps[i - 1] ?? -1));
  return resultOf(steps, [
    ...wrong,
    ...unordered.flatMap((step) =>
      asProblems('measure', `measure.at must ascend; ${step} is not above the step before it`),
    ),
  ]);
}

function parseKinds(value: unknown): Result<readonly MeasureKind[]> {
  const list = readList(
    value,
    'kinds',
    `at most ${MEASURE_KINDS.length} kinds`,
    MEASURE_KINDS.length,
  );
  if (!list.ok) return list;
  const kinds = MEASURE_KINDS.filter((kind) => list.value.includes(kind));
  const wrong = list.value.flatMap((kind, i) =>
    asProblems('measure', choiceProblem(`measure.kinds[${i}]`, MEASURE_KINDS, kind)),
  );
  const repeated = list.value.filter((kind, i) => list.value.indexOf(kind) < i);
  return resultOf(kinds, [
    ...wrong,
    ...repeated.flatMap((kind) =>
      asProblems('measure', `measure.kinds must differ; got ${quoted(kind)} twice`),
    ),
  ]);
}

function readList(
  value: unknown,
  key: string,
  what: string,
  most: number,
): Result<readonly unknown[]> {
  if (Array.isArray(value) && value.length >= 1 && value.length <= most) {
    return { ok: true, value };
  }
  const got = Array.isArray(value) ? String(value.length) : quoted(value);
  const message = `measure.${key} must be a list of ${what}, at least one; got ${got}`;
  return { ok: false, problems: [{ key: 'measure', message }] };
}
