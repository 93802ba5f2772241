import { armRecipes, type ArmRecipe, type Experiment } from '../../recipe/experiment';
import type { Recipe, RecipeKey } from '../../recipe/recipe';
import { quoted, refuse, type Result } from '../../recipe/untrusted';
import type { StepMetrics } from '../../rl/metrics';
import type { RecordedGroup, RunRecord } from '../../storage/record';
import type { KeptRun } from '../../storage/run_file';

/** Numbers by quantity: one for each step of the run, null where there is none. */
export type LoggedColumns = ReadonlyMap<keyof StepMetrics, readonly (number | null)[]>;

/** One run, an arm at a seed, as logs of it are written. */
export interface LoggedRun {
  /** Of the experiment. */
  readonly name: string;
  readonly arm: string;
  /** Complete, with the run's own seed. */
  readonly recipe: Recipe;
  /** Settings that were changed while it trained; the recipe has their last values. */
  readonly changed: readonly RecipeKey[];
  /** Ascending from 1. */
  readonly steps: readonly number[];
  readonly columns: LoggedColumns;
  /** Responses that were kept, at some steps. */
  readonly groups: readonly RecordedGroup[];
}

/** Which run of an experiment; null: its first arm, its first seed. */
export interface RunChoice {
  readonly arm: string | null;
  readonly seed: number | null;
}

/** One run of a record, whose series may be thinned. */
export function runOfRecord(record: RunRecord, choice: RunChoice): Result<LoggedRun> {
  const found = runOf(record.experiment, choice);
  if (!found.ok) return found;
  const { index, seedIndex, name, recipe } = found.value;
  const run = record.arms[index]?.runs[seedIndex];
  const columns = Object.entries(run?.series ?? {});
  const logged = {
    name: record.experiment.name,
    arm: name,
    recipe,
    changed: [],
    steps: run?.steps ?? [],
    columns: new Map(columns as [keyof StepMetrics, readonly number[]][]),
    groups: run?.rollouts ?? [],
  };
  return { ok: true, value: logged };
}

/** One run of a run file, all of its steps. */
export function runOfFile(kept: KeptRun, choice: RunChoice): Result<LoggedRun> {
  const found = runOf(kept.experiment, choice);
  if (!found.ok) return found;
  const { index, name, recipe } = found.value;
  const id = `${kept.arms[index]?.id ?? ''}#${recipe.seed}`;
  const columns = [...(kept.series.get(id) ?? [])].map(
    ([key, values]) =>
      [
        key as keyof StepMetrics,
        Array.from(values, (x) => (Number.isFinite(x) ? x : null)),
      ] as const,
  );
  const marks = kept.marks.filter(({ arm }) => arm === kept.arms[index]?.id);
  const logged = {
    name: kept.name,
    arm: name,
    recipe,
    changed: [...new Set(marks.map(({ setting }) => setting))],
    steps: Array.from({ length: kept.step }, (_, i) => i + 1),
    columns: new Map(columns),
    groups: kept.rollouts.find(({ run }) => run === id)?.groups ?? [],
  };
  return { ok: true, value: logged };
}

interface Found extends ArmRecipe {
  readonly index: number;
  readonly seedIndex: number;
}

/** The arm and seed that are meant, or which there are. */
export function runOf(experiment: Experiment, { arm, seed }: RunChoice): Result<Found> {
  const arms = armRecipes(experiment);
  const index = arm === null ? 0 : arms.findIndex(({ name }) => name === arm);
  const chosen = arms[index];
  if (chosen === undefined) {
    const names = arms.map(({ name }) => quoted(name)).join(', ');
    return refuse('arm', `there is no arm ${quoted(arm)}; the run has ${names}`);
  }
  const { seeds } = experiment;
  const seedIndex = seed === null ? 0 : seeds.indexOf(seed);
  const own = seeds[seedIndex];
  if (own === undefined) {
    return refuse('seed', `there is no seed ${seed}; the run has ${seeds.join(', ')}`);
  }
  const recipe = { ...chosen.recipe, seed: own };
  return { ok: true, value: { ...chosen, recipe, index, seedIndex } };
}
