import { changed, sameSetting } from '../recipe/difference';
import { LONGEST_NAME } from '../recipe/experiment_parts';
import { fittingMeasure } from '../recipe/measure';
import type { Recipe, RecipeKey } from '../recipe/recipe';
import {
  completeRecipe,
  isLive,
  knobOf,
  schema,
  settingProblems,
  type PlacedKnob,
} from '../recipe/schema';
import { refuse, textProblem, type Result } from '../recipe/untrusted';
import type { KeptCheckpoint, KeptMark, KeptRun, KeptSeries } from '../storage/run_file';
import type { Finds, From, FromRetraced } from '../worker/protocol';
import { experimentOf, type RunIdentity } from './kept_run';
import { runId } from './run_id';

/** A fork would have no state to go on from, or these are every arm's alike. */
const FIXED: readonly RecipeKey[] = ['version', 'task', 'policy', 'seed', 'steps'];

/** The settings that a fork may change. */
export const FORKABLE: readonly PlacedKnob[] = schema.filter(({ key }) => !FIXED.includes(key));

/** What to fork, from where, and what to change. */
export interface Fork {
  /** Id of the arm. */
  readonly arm: string;
  /** One that is complete; where it is not kept, those since the kept one before are trained again. */
  readonly step: number;
  readonly setting: RecipeKey;
  /** As it was typed or chosen; checked here. */
  readonly value: unknown;
  /** Steps of the new run in all. */
  readonly steps: number;
  /** Of the new arm. */
  readonly name: string;
}

export interface Forked {
  readonly run: KeptRun;
  /** By run of the fork, the run whose state it goes on from. */
  readonly of: Readonly<Record<string, string>>;
}

const PARENT = { id: 'arm-1' };
const CHILD = { id: 'arm-2' };

/**
 * A run of two arms: the parent's arm as it was, and the same with one setting changed, both from `step` on. They share
 * all that was measured until then. The parent run is left as it is.
 */
export function forkOf(
  parent: KeptRun,
  fork: Fork,
  identity: Omit<RunIdentity, 'parent' | 'shaders'>,
): Result<Forked> {
  const { arms, ...experiment } = experimentOf(parent, fork.step);
  const arm = arms.find(({ id }) => id === fork.arm);
  if (arm === undefined) return refuse('arm', 'That arm is no longer there.');
  const recipes = recipesOf(arm.recipe, fork);
  if (!recipes.ok) return recipes;
  const named = nameProblem(fork.name, arm.name);
  if (named !== null) return refuse('name', named);
  const { seeds } = experiment;
  const base = { ...recipes.value.parent, seed: experiment.base.seed };
  const series = cutSeries(parent, fork, seeds);
  return {
    ok: true,
    value: {
      run: {
        ...parent,
        ...identity,
        changed: identity.created,
        parent: { run: parent.id, name: parent.name, arm: arm.name, step: fork.step },
        catalogue: null,
        experiment: {
          version: 1,
          name: identity.name,
          about: null,
          base,
          arms: [
            { name: arm.name, set: {} },
            {
              name: fork.name.trim(),
              set: changed({ ...recipes.value.child, seed: base.seed }, base),
            },
          ],
          seeds,
          evaluate: experiment.evaluate,
          measure: fittingMeasure(experiment.measure, Object.values(recipes.value)),
        },
        arms: [
          { ...PARENT, colour: arm.colour },
          { ...CHILD, colour: arm.colour === 1 ? 0 : 1 },
        ],
        step: fork.step,
        marks: marksOf(parent, fork, recipes.value),
        ...foundUntil(parent, fork, seeds),
        series,
        checkpoint: null,
      },
      of: Object.fromEntries(
        [PARENT, CHILD].flatMap(({ id }) =>
          seeds.map((seed) => [runId(id, seed), runId(fork.arm, seed)]),
        ),
      ),
    },
  };
}

/** The steps that a run can be forked at. Before a fork's own first step other arms were trained, or for another length. */
export function forkableSteps(
  run: Pick<KeptRun, 'step' | 'parent'>,
  kept: readonly { readonly step: number }[],
): { readonly first: number; readonly last: number } | null {
  const { step: last, parent } = run;
  const first = parent === null ? 1 : kept[0]?.step;
  return first === undefined || first > last ? null : { first, last };
}

/**
 * The state of an arm after a step, in terms of the parent's runs: a save, or training from the save before. Of all arms
 * where `arm` is null.
 */
export function startOf(
  parent: KeptRun,
  { arm: id, step }: { readonly arm: string | null; readonly step: number },
  kept: readonly KeptCheckpoint[],
): Omit<From, 'of'> | Omit<FromRetraced, 'of'> {
  const before = kept.findLast((checkpoint) => checkpoint.step <= step);
  const missing = missingAt(parent, step);
  if (before?.step === step) return { bytes: before.bytes, missing };
  const start = before?.step ?? 0;
  const { arms, seeds } = experimentOf(parent, start);
  const runs = arms
    .filter((arm) => id === null || arm.id === id)
    .flatMap(({ id: own, name, recipe }) =>
      seeds.map((seed) => ({ id: runId(own, seed), name, recipe: { ...recipe, seed } })),
    );
  // Those of the first step after the save are in the recipes.
  const marks = parent.marks.filter(
    (mark) => (id === null || mark.arm === id) && mark.step > start + 1 && mark.step <= step,
  );
  const changes = marks.flatMap(({ arm, setting, to, step: from }) =>
    isLive(setting)
      ? seeds.map((seed) => ({
          ...{ run: runId(arm, seed), setting, step: from },
          // What acts live is a number or none.
          value: to as number | null,
        }))
      : [],
  );
  const past = Object.fromEntries(
    runs.map(({ id: run }) => [run, numbersOf(parent.series.get(run), start, step)]),
  );
  return { retrace: { bytes: before?.bytes ?? null, runs, changes, past, step }, missing };
}

/** What was not found out of a run at this step. */
export function missingAt(run: KeptRun, step: number): Finds[] {
  const isAt = (found: { readonly step: number }) => found.step === step;
  return [
    ...(run.evaluations.some(isAt) ? [] : ['evaluation' as const]),
    ...(run.measurements.some(isAt) ? [] : ['measurement' as const]),
  ];
}

/** What tells two trainings apart, of the steps after `start` until `step`; none where it was not kept. */
function numbersOf(series: KeptSeries | undefined, start: number, step: number) {
  const [entropy, norm] = [series?.get('entropy'), series?.get('grad_norm')];
  if (entropy === undefined || norm === undefined) return [];
  return Array.from({ length: step - start }, (_, i) => ({
    entropy: entropy[start + i] ?? NaN,
    grad_norm: norm[start + i] ?? NaN,
  }));
}

/** What is wrong with a value of a setting of this arm, alone or beside its others; null where it may be. */
export function forkProblem(
  recipe: Recipe,
  fork: Pick<Fork, 'setting' | 'value' | 'steps' | 'step'>,
) {
  const recipes = recipesOf(recipe, fork);
  return recipes.ok ? null : (recipes.problems[0]?.message ?? null);
}

interface Recipes {
  readonly parent: Recipe;
  readonly child: Recipe;
}

function recipesOf(
  recipe: Recipe,
  { setting, value, steps, step }: Pick<Fork, 'setting' | 'value' | 'steps' | 'step'>,
): Result<Recipes> {
  const problems = [...settingProblems(setting, value), ...settingProblems('steps', steps)];
  if (problems.length > 0) return { ok: false, problems };
  if (steps <= step) {
    return refuse('steps', `The fork begins after step ${step}, so it needs more steps than that.`);
  }
  if (sameSetting(recipe[setting], value)) {
    return refuse(setting, `${knobOf(setting).label} has this value already.`);
  }
  const child = completeRecipe({ ...recipe, steps, [setting]: value });
  if (!child.ok) return child;
  return { ok: true, value: { parent: { ...recipe, steps }, child: child.value } };
}

function nameProblem(name: string, parent: string): string | null {
  const problem = textProblem('name', LONGEST_NAME, name.trim());
  if (problem !== null) return problem;
  return name.trim() === parent ? 'The fork needs a name of its own.' : null;
}

function cutSeries(
  parent: KeptRun,
  { arm, step }: Fork,
  seeds: readonly number[],
): ReadonlyMap<string, KeptSeries> {
  return new Map(
    [PARENT, CHILD].flatMap(({ id }) =>
      seeds.map((seed): [string, KeptSeries] => [
        runId(id, seed),
        new Map(
          [...(parent.series.get(runId(arm, seed)) ?? [])].map(([key, values]) => [
            key,
            values.slice(0, step),
          ]),
        ),
      ]),
    ),
  );
}

/** What was found of the arm, and shown of it, until the fork: it is of both arms. */
function foundUntil(
  { evaluations, measurements, rollouts }: KeptRun,
  { arm, step }: Fork,
  seeds: readonly number[],
): Pick<KeptRun, 'evaluations' | 'measurements' | 'rollouts'> {
  const ofBoth = <T extends { readonly run: string }>(all: readonly T[]): readonly T[] =>
    [PARENT, CHILD].flatMap(({ id }) =>
      seeds.flatMap((seed) =>
        all
          .filter((found) => found.run === runId(arm, seed))
          .map((found) => ({ ...found, run: runId(id, seed) })),
      ),
    );
  const isUntil = (found: { readonly step: number }) => found.step <= step;
  return {
    evaluations: ofBoth(evaluations.filter(isUntil)),
    measurements: ofBoth(measurements.filter(isUntil)),
    rollouts: ofBoth(rollouts.map((own) => ({ ...own, groups: own.groups.filter(isUntil) }))),
  };
}

function marksOf(
  { marks }: KeptRun,
  { arm, step, setting }: Fork,
  { parent, child }: Recipes,
): KeptMark[] {
  const before = marks.filter((mark) => mark.arm === arm && mark.step <= step + 1);
  return [
    ...before.map((mark) => ({ ...mark, arm: PARENT.id })),
    ...before.map((mark) => ({ ...mark, arm: CHILD.id })),
    { arm: CHILD.id, setting, from: parent[setting], to: child[setting], step: step + 1 },
  ];
}
