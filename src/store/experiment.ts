import { create } from 'zustand';
import type { About } from '../recipe/about';
import { differingKeys } from '../recipe/difference';
import { armRecipes, type Experiment } from '../recipe/experiment';
import { DEFAULT_EVALUATION, type Evaluation } from '../recipe/experiment_parts';
import type { LiveSetting } from '../recipe/live';
import { fittingMeasure, type Measure } from '../recipe/measure';
import { defaultAbout } from '../recipe/presets';
import type { Recipe } from '../recipe/recipe';
import { defaultRecipe, isLive, RECIPE_KEYS } from '../recipe/schema';
import type { NamedRun } from '../worker/protocol';
import { runId } from './run_id';

/** An arm as the page holds it. */
export interface Arm {
  readonly id: string;
  readonly name: string;
  /** Index into the palette and the dash patterns; stays with the arm. */
  readonly colour: number;
  /** As the controls show it: a change is here at once, before the worker has taken it over. Each run has its own seed. */
  readonly recipe: Recipe;
  /** As it was loaded; what "Restore" goes back to. */
  readonly original: Recipe;
  readonly visible: boolean;
  /** Changed settings that the worker has not confirmed, with the value from before. */
  readonly pending: Readonly<Partial<Record<LiveSetting, number | null>>>;
}

export interface ExperimentState {
  readonly name: string;
  /** Its name in the catalogue; null for the default experiment. */
  readonly id: string | null;
  /** Its recorded run, a file of public/runs; null where it has none of its own. */
  readonly record: string | null;
  /** What it is for; null where nobody said. */
  readonly about: About | null;
  /** What the arms are variants of. */
  readonly base: Recipe;
  readonly arms: readonly Arm[];
  /** Every arm is trained once at each. */
  readonly seeds: readonly number[];
  readonly evaluate: Evaluation;
  /** What is measured on the way; null: nothing but what is asked for. */
  readonly measure: Measure | null;
}

/** Before there is an experiment. */
const NONE: ExperimentState = {
  name: '',
  id: null,
  record: null,
  about: null,
  base: defaultRecipe,
  arms: [],
  seeds: [],
  evaluate: DEFAULT_EVALUATION,
  measure: null,
};

/** The arms of the experiment and their settings. Written by engine.ts, and by the table for what is shown. */
export const useExperiment = create<ExperimentState>(() => NONE);

/** Takes up an experiment at the given seeds: arms get colours in order, all are shown, nothing is pending. */
export function loadExperiment(
  experiment: Experiment,
  { id, seeds, record = id }: Pick<ExperimentState, 'id' | 'seeds'> & { record?: string | null },
): void {
  const { name, base, evaluate, measure } = experiment;
  const about = experiment.about ?? defaultAbout(experiment);
  const arms = armRecipes(experiment).map((arm, colour): Arm => ({
    ...arm,
    colour,
    original: arm.recipe,
    visible: true,
    pending: {},
  }));
  useExperiment.setState({ name, id, record, about, base, arms, seeds, evaluate, measure });
}

/** A recorded experiment with what the page says of it: records were made before their findings were written. */
export function withAboutHere(recorded: Experiment, id: string): Experiment {
  const { about, record } = useExperiment.getState();
  return record === id && about !== null ? { ...recorded, about } : recorded;
}

export function forgetExperiment(): void {
  useExperiment.setState(NONE);
}

/** Every arm at every seed, as the worker trains them. */
export function namedRuns(): NamedRun[] {
  const { arms, seeds } = useExperiment.getState();
  return arms.flatMap(({ id, name, recipe }) =>
    seeds.map((seed) => ({ id: runId(id, seed), name, recipe: { ...recipe, seed } })),
  );
}

export function findArm(id: string | null): Arm | undefined {
  return useExperiment.getState().arms.find((arm) => arm.id === id);
}

export function showArm(id: string, visible: boolean): void {
  update(id, (arm) => ({ ...arm, visible }));
}

/** Takes a change into the controls before the worker has it; remembers the value it replaces. */
export function changeSetting(id: string, setting: LiveSetting, value: number | null): void {
  update(id, (arm) => ({
    ...arm,
    recipe: { ...arm.recipe, [setting]: value },
    pending:
      setting in arm.pending ? arm.pending : { ...arm.pending, [setting]: arm.recipe[setting] },
  }));
}

/** A setting as the worker has it, with nothing pending: a change that came another way than by the controls. */
export function takeBack(id: string, setting: LiveSetting, known: number | null): void {
  update(id, (arm) => {
    const pending = { ...arm.pending };
    delete pending[setting];
    return { ...arm, recipe: { ...arm.recipe, [setting]: known }, pending };
  });
}

/**
 * The worker took over `value`: returns the value it replaces. A newer change of the same setting stays pending,
 * so that a slider under the thumb never jumps back.
 */
export function confirmSetting(
  id: string,
  setting: LiveSetting,
  value: number | null,
): number | null {
  const arm = findArm(id);
  const before = arm?.pending[setting];
  update(id, (current) => {
    const pending = { ...current.pending };
    if (Object.is(current.recipe[setting], value)) delete pending[setting];
    else pending[setting] = value;
    return { ...current, pending };
  });
  return before === undefined ? value : before;
}

/** Every arm back to the settings it was loaded with, nothing pending. */
export function restoreSettings(): void {
  useExperiment.setState(({ arms }) => ({
    arms: arms.map((arm) => ({ ...arm, recipe: arm.original, pending: {} })),
  }));
}

/** Forgets what is unconfirmed: a new session starts from the settings as they are. */
export function settleSettings(): void {
  useExperiment.setState(({ arms }) => ({ arms: arms.map((arm) => ({ ...arm, pending: {} })) }));
}

/** Whether an arm's settings differ from those it was loaded with. */
export function isEdited(arm: Arm): boolean {
  return differingKeys(arm.recipe, arm.original).length > 0;
}

function update(id: string, change: (arm: Arm) => Arm): void {
  useExperiment.setState(({ arms }) => ({
    arms: arms.map((arm) => (arm.id === id ? change(arm) : arm)),
  }));
}

/** Everything that cannot change while the arms train, as text to compare. */
export function structure(): string {
  const { arms, seeds } = useExperiment.getState();
  const fixed = (recipe: Recipe) =>
    RECIPE_KEYS.filter((key) => !isLive(key)).map((key) => recipe[key]);
  return JSON.stringify([seeds, arms.map(({ id, recipe }) => [id, fixed(recipe)])]);
}

export function hasExperiment(): boolean {
  return useExperiment.getState().arms.length > 0;
}

/** What of the plan to measure fits the arms as they are now. */
export function measurePlan(): Measure | null {
  const { measure, arms } = useExperiment.getState();
  return fittingMeasure(
    measure,
    arms.map(({ recipe }) => recipe),
  );
}

export function totalSteps(): number {
  return Math.max(0, ...useExperiment.getState().arms.map((arm) => arm.recipe.steps));
}
