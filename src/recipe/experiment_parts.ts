import { HELD_OUT_PROMPTS } from '../tasks/prompts';
import type { Recipe } from './recipe';
import { parsePartialRecipe, type PolicyRules } from './schema';
import {
  numberProblem,
  quoted,
  readObject,
  resultOf,
  textProblem,
  type NumberBounds,
  type Problem,
  type Result,
} from './untrusted';

/** A variant of the experiment's base recipe. */
export interface Arm {
  readonly name: string;
  readonly set: Partial<Recipe>;
}

/** When and on how much held-out data the arms are judged. */
export interface Evaluation {
  /** Evaluate after every so many steps (and after the last one); 0: only after the last. */
  readonly every: number;
  readonly prompts: number;
  readonly samples: number;
  /** Judge them on training prompts as well. */
  readonly training: boolean;
}

export const MOST_ARMS = 32;
export const MOST_SEEDS = 64;
export const LONGEST_NAME = 80;

export const DEFAULT_EVALUATION: Evaluation = {
  every: 10,
  prompts: 64,
  samples: 16,
  training: false,
};

/** Bounds of a whole number. */
export const whole = (min: number, max: number): NumberBounds => ({
  min,
  max,
  integer: true,
  nullable: false,
});
const SEED = whole(0, 4294967295);
type EvaluationSize = 'every' | 'prompts' | 'samples';
const EVALUATION_BOUNDS: Readonly<Record<EvaluationSize, NumberBounds>> = {
  every: whole(0, 100000),
  prompts: whole(1, HELD_OUT_PROMPTS),
  samples: whole(1, 1024),
};

export function parseArms(value: unknown, policies: PolicyRules): Result<readonly Arm[]> {
  if (!Array.isArray(value) || value.length < 1 || value.length > MOST_ARMS) {
    const got = Array.isArray(value) ? String(value.length) : quoted(value);
    return {
      ok: false,
      problems: [
        { key: 'arms', message: `arms must be a list of 1 to ${MOST_ARMS} arms; got ${got}` },
      ],
    };
  }
  const parsed = value.map((arm: unknown, index) => parseArm(arm, index, policies));
  const arms = parsed.flatMap((arm) => (arm.ok ? [arm.value] : []));
  const repeated = arms.filter((arm, i) => arms.findIndex(({ name }) => name === arm.name) < i);
  return resultOf(arms, [
    ...parsed.flatMap((arm) => (arm.ok ? [] : arm.problems)),
    ...repeated.map(({ name }) => ({ key: 'arms', message: `two arms are named ${quoted(name)}` })),
  ]);
}

function parseArm(value: unknown, index: number, policies: PolicyRules): Result<Arm> {
  const where = `arms[${index}]`;
  const read = readObject(value, ['name', 'set'], where);
  if (!read.ok) return read;
  const name = read.value.get('name');
  const set = parsePartialRecipe(read.value.has('set') ? read.value.get('set') : {}, policies);
  const problems = [
    ...asProblems('arms', textProblem(`${where}.name`, LONGEST_NAME, name)),
    ...(set.ok ? [] : inArm(name, set.problems)),
    ...(set.ok && set.value.seed !== undefined
      ? inArm(name, [{ key: 'seed', message: 'seed cannot be set by an arm: list it under seeds' }])
      : []),
  ];
  return resultOf({ name: asText(name), set: set.ok ? set.value : {} }, problems);
}

export function parseSeeds(value: unknown): Result<readonly number[]> {
  if (!Array.isArray(value) || value.length < 1 || value.length > MOST_SEEDS) {
    const got = Array.isArray(value) ? String(value.length) : quoted(value);
    return {
      ok: false,
      problems: [
        { key: 'seeds', message: `seeds must be a list of 1 to ${MOST_SEEDS} seeds; got ${got}` },
      ],
    };
  }
  const list: readonly unknown[] = value;
  const seeds = list.filter((seed): seed is number => numberProblem('', SEED, seed) === null);
  const wrong = list.flatMap((seed, i) =>
    asProblems('seeds', numberProblem(`seeds[${i}]`, SEED, seed)),
  );
  const repeated = seeds.filter((seed, i) => seeds.indexOf(seed) < i);
  return resultOf(seeds, [
    ...wrong,
    ...repeated.map((seed) => ({ key: 'seeds', message: `seeds must differ; got ${seed} twice` })),
  ]);
}

export function parseEvaluation(value: unknown): Result<Evaluation> {
  const keys = ['every', 'prompts', 'samples'] as const;
  const read = readObject(value, [...keys, 'training'], 'evaluate');
  if (!read.ok) return read;
  const training = read.value.has('training') ? read.value.get('training') : false;
  const numberOf = (key: EvaluationSize): number => {
    const given = read.value.get(key);
    return typeof given === 'number' ? given : DEFAULT_EVALUATION[key];
  };
  const sizes = keys
    .filter((key) => read.value.has(key))
    .map((key) => numberProblem(`evaluate.${key}`, EVALUATION_BOUNDS[key], read.value.get(key)));
  const wrongTraining =
    typeof training === 'boolean'
      ? null
      : `evaluate.training must be true or false; got ${quoted(training)}`;
  return resultOf(
    {
      every: numberOf('every'),
      prompts: numberOf('prompts'),
      samples: numberOf('samples'),
      training: training === true,
    },
    [...sizes, wrongTraining].flatMap((message) => asProblems('evaluate', message)),
  );
}

/** The problems, each naming the arm. */
export function inArm(name: unknown, problems: readonly Problem[]): Problem[] {
  return problems.map(({ key, message }) => ({ key, message: `arm ${quoted(name)}: ${message}` }));
}

/** A checked text. Not String(): a foreign object may have a toString that is no function. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A sentence as a list of problems: none where it is null. */
export function asProblems(key: string, message: string | null): Problem[] {
  return message === null ? [] : [{ key, message }];
}
