import type { ClipBounds } from '../gpu/run_settings';
import type { Recipe } from '../recipe/recipe';
import { nextClipBounds } from '../rl/dynamic_clip';
import { nextEntropyCoef, nextPositiveWeight } from '../rl/schedule';

/** What the schedules of a run remember between steps; JSON-able, part of a checkpoint. */
export interface ControlState {
  readonly positiveWeight: number | null;
  readonly entropyCoef: number | null;
  readonly clip: number | null;
  /** Entropy of the first step's rollouts; null before. */
  readonly baseEntropy: number | null;
}

export const FRESH: ControlState = {
  positiveWeight: null,
  entropyCoef: null,
  clip: null,
  baseEntropy: null,
};

/** What the schedules set for the updates of one step. */
export interface Controls {
  readonly positiveWeight: number;
  readonly entropyCoef: number;
  readonly clip: ClipBounds;
}

/** The controls of a step, by the entropy of its rollouts, and what to remember for the next. */
export function nextControls(
  recipe: Recipe,
  state: ControlState,
  { step, entropy }: { readonly step: number; readonly entropy: number },
): { readonly controls: Controls; readonly state: ControlState } {
  const baseEntropy = state.baseEntropy ?? entropy;
  const seen = { step, steps: recipe.steps, entropy, baseEntropy };
  const weight = nextPositiveWeight(recipe.positive_weight_schedule, state.positiveWeight, {
    ...seen,
    base: recipe.positive_weight,
  });
  const bonus = nextEntropyCoef(recipe.entropy_coef_schedule, state.entropyCoef, {
    ...seen,
    base: recipe.entropy_coef,
  });
  const fixed = { low: recipe.clip_low, high: recipe.clip_high };
  const { state: clipState, ...clip } = nextClipBounds(
    recipe.dynamic_clip,
    fixed,
    state.clip,
    seen,
  );
  return {
    controls: { positiveWeight: weight.weight, entropyCoef: bonus.value, clip },
    state: {
      positiveWeight: weight.state,
      entropyCoef: bonus.state,
      clip: clipState,
      baseEntropy,
    },
  };
}
