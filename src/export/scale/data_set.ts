import type { Recipe } from '../../recipe/recipe';
import { STREAMS, stream } from '../../rl/random';
import { drawPrompts, HELD_OUT_PROMPTS } from '../../tasks/prompts';
import { taskNamed } from '../../tasks/registry';
import { readResponse } from '../../tasks/response';
import type { Task } from '../../tasks/task';

/** One prompt of a run, as text. */
export interface Example {
  readonly prompt: string;
  /** A correct response, of which there may be others; empty where there is none. */
  readonly answer: string;
}

export interface Examples {
  readonly train: readonly Example[];
  readonly test: readonly Example[];
}

/**
 * The prompts that a run with this recipe trains and is judged on, at its seed, each with one right answer. Throws
 * badRecipe where the task has too few. Prompts are not chosen by difficulty: that takes a GPU.
 */
export function examplesOf({ task: name, train_prompts: count, seed }: Recipe): Examples {
  const task = taskNamed(name);
  const { train, heldOut } = drawPrompts(task, count, HELD_OUT_PROMPTS, seed);
  const random = stream(seed, STREAMS.corpus);
  const example = (prompt: readonly number[]): Example => ({
    prompt: textOf(task, prompt),
    answer: textOf(task, readResponse(task.solve(prompt, random) ?? [], task.eos).body),
  });
  return { train: train.map(example), test: heldOut.map(example) };
}

const textOf = (task: Task, tokens: readonly number[]) =>
  tokens.map((token) => task.vocabulary[token] ?? '').join('');

/** The examples again and again until there are `least` of them at least. */
export function repeated(examples: readonly Example[], least: number): readonly Example[] {
  const times = Math.max(1, Math.ceil(least / examples.length));
  return Array.from({ length: times }, () => examples).flat();
}

/** A line for each object. */
export function jsonLines(objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}

/** A row as verl's data set reads it; the reward function finds the prompt in `extra_info`. */
export function verlRow(task: string, split: string, { prompt, answer }: Example, index: number) {
  return {
    data_source: `rlvr/${task}`,
    prompt: [{ role: 'user', content: prompt }],
    ability: task,
    reward_model: { style: 'rule', ground_truth: answer },
    extra_info: { split, index, prompt },
  };
}
