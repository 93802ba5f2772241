import { LIVE_SETTINGS } from '../recipe/live';
import type { Recipe } from '../recipe/recipe';

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
    readonly scheduleState: number | null;
    readonly adamSteps: number;
    readonly tokens: number;
    readonly weights: Float32Array<ArrayBuffer>;
    readonly m: Float32Array<ArrayBuffer>;
    readonly v: Float32Array<ArrayBuffer>;
  }[];
}
