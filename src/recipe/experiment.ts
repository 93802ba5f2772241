import { RlvrError } from '../errors/failure';
import { parseAbout, type About } from './about';
import {
  asProblems,
  inArm,
  LONGEST_NAME,
  parseArms,
  parseEvaluation,
  parseSeeds,
  type Arm,
  type Evaluation,
} from './experiment_parts';
import { measuredTooLate, minibatchTooSmall, parseMeasure, type Measure } from './measure';
import type { Recipe } from './recipe';
import { completeRecipe, parsePartialRecipe, parseRecipe, type PolicyRules } from './schema';
import { problemText, quoted, readObject, resultOf, textProblem, type Result } from './untrusted';

/** Several arms, each run once per seed on the same prompts with the same draws. */
export interface Experiment {
  readonly version: 1;
  readonly name: string;
  /** What it is for and which claims it tests; null where nobody said. */
  readonly about: About | null;
  readonly base: Recipe;
  readonly arms: readonly Arm[];
  readonly seeds: readonly number[];
  readonly evaluate: Evaluation;
  /** Null: nothing beyond metrics and evaluations is measured. */
  readonly measure: Measure | null;
}

/** An arm with its complete recipe; `id` is its place in the experiment. */
export interface ArmRecipe {
  readonly id: string;
  readonly name: string;
  readonly recipe: Recipe;
}

/**
 * An experiment from foreign data. Missing keys take defaults: one arm "base" without changes, the base recipe's seed.
 * Every arm's merged recipe has been checked too; its problems name the arm.
 */
export function parseExperiment(value: unknown, policies: PolicyRules = {}): Result<Experiment> {
  const read = readObject(
    value,
    ['version', 'name', 'about', 'base', 'arms', 'seeds', 'evaluate', 'measure'],
    'the experiment',
  );
  if (!read.ok) return read;
  const field = (key: string, fallback: unknown): unknown =>
    read.value.has(key) ? read.value.get(key) : fallback;

  const version = field('version', 1);
  const name = field('name', 'Experiment');
  const base = parseRecipe(field('base', {}), policies);
  const arms = parseArms(field('arms', [{ name: 'base', set: {} }]), policies);
  const seeds = parseSeeds(field('seeds', [base.ok ? base.value.seed : 0]));
  const evaluate = parseEvaluation(field('evaluate', {}));
  const measure = parseMeasure(field('measure', null));
  const about = parseAbout(field('about', null), arms.ok ? armNames(arms.value) : null);

  const problems = [
    ...(version === 1
      ? []
      : [
          {
            key: 'version',
            message: `version must be 1; got ${quoted(version)}: it was made by a newer version of this program, or by another one`,
          },
        ]),
    ...asProblems('name', textProblem('name', LONGEST_NAME, name)),
    ...[about, base, arms, seeds, evaluate, measure].flatMap((part) =>
      part.ok ? [] : part.problems,
    ),
  ];
  if (
    !about.ok ||
    !base.ok ||
    !arms.ok ||
    !seeds.ok ||
    !evaluate.ok ||
    !measure.ok ||
    problems.length > 0
  ) {
    return { ok: false, problems };
  }
  const experiment: Experiment = {
    version: 1,
    name: String(name),
    about: about.value,
    base: base.value,
    arms: arms.value,
    seeds: seeds.value,
    evaluate: evaluate.value,
    measure: measure.value,
  };
  const merged = mergeArms(experiment);
  if (!merged.ok) return merged;
  const steps = merged.value[0]?.recipe.steps ?? 0;
  const recipes = merged.value.map(({ recipe }) => recipe);
  return resultOf(experiment, [
    ...measuredTooLate(experiment.measure, steps),
    ...minibatchTooSmall(experiment.measure, recipes),
  ]);
}

const armNames = (arms: readonly Arm[]) => arms.map(({ name }) => name);

/** The complete recipe of every arm, in order; throws badRecipe naming the arm that does not fit. */
export function armRecipes(experiment: Experiment): readonly ArmRecipe[] {
  const merged = mergeArms(experiment);
  if (merged.ok) return merged.value;
  throw new RlvrError({ kind: 'badRecipe', detail: problemText(merged.problems) });
}

function mergeArms({ base, arms }: Experiment): Result<readonly ArmRecipe[]> {
  const merged = arms.map((arm, index) => {
    const recipe = mergeArm(base, arm);
    return recipe.ok
      ? { arm: { id: `arm-${index + 1}`, name: arm.name, recipe: recipe.value }, problems: [] }
      : { arm: null, problems: inArm(arm.name, recipe.problems) };
  });
  const valid = merged.flatMap(({ arm }) => (arm === null ? [] : [arm]));
  // Arms train in lockstep, so one cannot end before another.
  const uneven = valid.filter(({ recipe }) => recipe.steps !== valid[0]?.recipe.steps);
  const lockstep = uneven.map(({ name, recipe }) => ({
    key: 'steps',
    message: `steps must be the same for all arms; got ${recipe.steps} in arm ${quoted(name)}`,
  }));
  return resultOf(valid, [...merged.flatMap(({ problems }) => problems), ...lockstep]);
}

/** Settings of the arm over those of the base. An arm that changes the task gets that task's own policy. */
function mergeArm(base: Recipe, { set }: Arm): Result<Recipe> {
  const ownPolicy = set.task !== undefined && base.policy === base.task ? { policy: set.task } : {};
  const merged = { ...base, ...ownPolicy, ...set };
  // Which policies may be named was checked with the parts of the experiment.
  const valid = parsePartialRecipe(merged, { names: [merged.policy] });
  return valid.ok ? completeRecipe(valid.value) : valid;
}
