import { LIVE_SETTINGS } from '../recipe/live';
import type { Recipe } from '../recipe/recipe';
import type { ControlState } from './controls';
import type { PromptSplit } from '../tasks/prompts';

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

/** The settings that cannot change while a run trains, as text to compare. */
export function fixedSettings(recipe: Recipe): string {
  const fixed = Object.entries(recipe).filter(
    ([key]) => key !== 'steps' && !(LIVE_SETTINGS as readonly string[]).includes(key),
  );
  return JSON.stringify(fixed.sort());
}

/** Everything that makes the next step what it is: `restore` of it continues bit for bit. */
export interface TrainerState {
  readonly step: number;
  readonly runs: readonly {
    readonly recipe: Recipe;
    readonly controls: ControlState;
    readonly adamSteps: number;
    readonly tokens: number;
    readonly deadSteps: number;
    readonly weights: Float32Array<ArrayBuffer>;
    readonly m: Float32Array<ArrayBuffer>;
    readonly v: Float32Array<ArrayBuffer>;
  }[];
}
