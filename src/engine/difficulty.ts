import { RlvrError } from '../errors/failure';
import type { TransformerRuns } from '../gpu/transformer/runs';
import type { Task } from '../tasks/task';
import { sampleResponses } from './evaluate';
import type { RunState } from './trainer_state';

/** Responses to each training prompt that its success rate is taken from. */
const SAMPLES = 8;
/** Not the recipe's: that one may change while a run trains, and its prompts may not. */
const TEMPERATURE = 1;

/**
 * The training prompts of each run whose success rate under the policy on the GPU lies in the band of its recipe; null
 * where every band is the whole range and nothing need be drawn. Throws badRecipe where a band is empty.
 */
export async function withinDifficulty(
  runs: TransformerRuns,
  task: Task,
  states: readonly RunState[],
): Promise<(readonly (readonly number[])[])[] | null> {
  if (states.every(({ recipe }) => isWhole(recipe))) return null;
  // One length for all runs: a shorter list is filled up, and its repeats are not looked at.
  const most = Math.max(...states.map(({ prompts: { train } }) => train.length));
  const sampled = await sampleResponses(runs, {
    task,
    samples: SAMPLES,
    runs: states.map(({ recipe: { seed }, prompts: { train } }) => ({
      seed,
      temperature: TEMPERATURE,
      prompts: Array.from({ length: most }, (_, i) => train[i % train.length] ?? []),
    })),
  });
  return states.map(({ arm, recipe, prompts: { train } }, run) => {
    if (isWhole(recipe)) return train;
    const correct = new Array<number>(most).fill(0);
    for (const { prompt, tokens } of sampled[run] ?? []) {
      const asked = train[prompt];
      if (asked) correct[prompt] = (correct[prompt] ?? 0) + task.verify(asked, tokens).reward;
    }
    const { difficulty_low: low, difficulty_high: high } = recipe;
    const kept = train.filter((_, i) => {
      const rate = (correct[i] ?? 0) / SAMPLES;
      return rate >= low && rate <= high;
    });
    if (kept.length > 0) return kept;
    throw new RlvrError({
      kind: 'badRecipe',
      detail:
        `no training prompt of arm "${arm}" is solved between ${low} and ${high} of the time by its base policy ` +
        `(difficulty_low, difficulty_high); ${train.length} were tried, ${SAMPLES} responses each`,
    });
  });
}

const isWhole = (recipe: RunState['recipe']) =>
  recipe.difficulty_low <= 0 && recipe.difficulty_high >= 1;
