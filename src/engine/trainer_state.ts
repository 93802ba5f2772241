import type { TransformerRuns } from '../gpu/transformer/runs';
import { LIVE_SETTINGS } from '../recipe/live';
import type { Recipe } from '../recipe/recipe';
import { FRESH, type ControlState } from './controls';
import type { PromptSplit } from '../tasks/prompts';
import type { RunSpec } from './run_spec';

/** What a trainer keeps of one run between steps. */
export interface RunState {
  readonly arm: string;
  recipe: Recipe;
  prompts: PromptSplit;
  /** What the schedules remember. */
  controls: ControlState;
  adamSteps: number;
  tokens: number;
  /** Temperature of the rollouts that are trained on: with another one no ratio would start at 1. */
  sampledAt: number;
  /** Steps in a row whose updates were all skipped. */
  deadSteps: number;
}

/** Before the first step. */
export function freshState({ arm, recipe }: RunSpec, prompts: PromptSplit): RunState {
  return {
    arm,
    recipe,
    prompts,
    controls: FRESH,
    adamSteps: 0,
    tokens: 0,
    sampledAt: recipe.temperature,
    deadSteps: 0,
  };
}

/** The settings that cannot change while a run trains, as text to compare. */
export function fixedSettings(recipe: Recipe): string {
  const fixed = Object.entries(recipe).filter(
    ([key]) => key !== 'steps' && !(LIVE_SETTINGS as readonly string[]).includes(key),
  );
  return JSON.stringify(fixed.sort());
}

/** What of a run makes its next step what it is, besides the number of the step. */
export interface SavedRun {
  readonly recipe: Recipe;
  readonly controls: ControlState;
  readonly adamSteps: number;
  readonly tokens: number;
  readonly deadSteps: number;
  /** These three: `ParameterLayout.total` numbers each. */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly m: Float32Array<ArrayBuffer>;
  readonly v: Float32Array<ArrayBuffer>;
}

/** Whether a run can be gone back to: its last step was trained, and every weight is finite. */
export function isSound({ deadSteps, weights }: SavedRun): boolean {
  // Zero times what is not finite is not zero: a sum is quicker than a question for each number.
  return deadSteps === 0 && weights.reduce((sum, weight) => sum + 0 * weight, 0) === 0;
}

/** Everything that makes the next step what it is: `restore` of it continues bit for bit. */
export interface TrainerState {
  readonly step: number;
  readonly runs: readonly SavedRun[];
}

type Parameters = Pick<TransformerRuns, 'readParameters' | 'writeParameters'>;

/** All reads are asked for at once: a browser that answers maps late then does so once. */
export async function saveRun(
  gpu: Parameters,
  run: number,
  { recipe, controls, adamSteps, tokens, deadSteps }: RunState,
): Promise<SavedRun> {
  const [weights, m, v] = await Promise.all([
    gpu.readParameters('weights', run),
    gpu.readParameters('m', run),
    gpu.readParameters('v', run),
  ]);
  return { recipe, controls, adamSteps, tokens, deadSteps, weights, m, v };
}

/** Puts a saved run in the place of one; the recipe stays its own. */
export function loadRun(gpu: Parameters, run: number, state: RunState, saved: SavedRun): void {
  state.controls = saved.controls;
  state.adamSteps = saved.adamSteps;
  state.tokens = saved.tokens;
  state.deadSteps = saved.deadSteps;
  for (const part of ['weights', 'm', 'v'] as const) gpu.writeParameters(part, run, saved[part]);
}
