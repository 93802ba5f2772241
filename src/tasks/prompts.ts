import { RlvrError } from '../errors/failure';
import { STREAMS, stream } from '../rl/random';
import type { Random, Task } from './task';

/** Held-out prompts set aside by every run, whatever an evaluation asks for, so that training does not depend on it. */
export const HELD_OUT_PROMPTS = 256;

export interface PromptSplit {
  /** Exactly as many distinct prompts as asked for; a smaller set of the same seed is its beginning. */
  readonly train: readonly (readonly number[])[];
  /** Distinct, none of them in `train`, and the same for every size of `train`. */
  readonly heldOut: readonly (readonly number[])[];
}

/** Repeats in a row after which a task counts as exhausted: misses its last prompt once in e^10 times. */
const PATIENCE_PER_PROMPT = 10;
const LEAST_PATIENCE = 1000;

/** Draws training and held-out prompts; throws badRecipe where the task has too few distinct ones. */
export function drawPrompts(
  task: Task,
  trainPrompts: number,
  heldOut: number,
  seed: number,
): PromptSplit {
  const seen = new Set<string>();
  // Held-out prompts first, from a stream of their own: arms that differ in train_prompts are judged on the same ones.
  const heldOutPrompts = drawDistinct(task, heldOut, seen, stream(seed, STREAMS.heldOutPrompts));
  const train = drawDistinct(task, trainPrompts, seen, stream(seed, STREAMS.trainPrompts));
  if (seen.size < trainPrompts + heldOut) {
    throw new RlvrError({
      kind: 'badRecipe',
      detail:
        `train_prompts is too large for ${task.name}: it has ${seen.size} distinct prompts, and ` +
        `${trainPrompts} for training plus ${heldOut} held out make ${trainPrompts + heldOut}`,
    });
  }
  return { train, heldOut: heldOutPrompts };
}

/** Up to `count` prompts that are not in `seen`, which it adds to. */
function drawDistinct(task: Task, count: number, seen: Set<string>, random: Random): number[][] {
  const prompts: number[][] = [];
  let repeats = 0;
  while (prompts.length < count && repeats <= LEAST_PATIENCE + PATIENCE_PER_PROMPT * seen.size) {
    const prompt = task.prompt(random);
    const key = prompt.join(' ');
    if (seen.has(key)) {
      repeats++;
      continue;
    }
    repeats = 0;
    seen.add(key);
    prompts.push(prompt);
  }
  return prompts;
}
