import { RlvrError } from '../errors/failure';
import { chainSum } from './chain_sum';
import { countdown } from './countdown';
import { maze, mazeSmall } from './maze';
import type { Task } from './task';

/** Every task, in the order the page lists them. A new task is one line here. */
export const tasks: readonly Task[] = [chainSum, maze, countdown, mazeSmall];

export const TASK_NAMES: readonly string[] = tasks.map((task) => task.name);

/** The task of that name; throws badRecipe with the names there are. */
export function taskNamed(name: string): Task {
  const task = tasks.find((candidate) => candidate.name === name);
  if (task === undefined) {
    const detail = `task must be one of ${TASK_NAMES.join(', ')}; got ${JSON.stringify(name)}`;
    throw new RlvrError({ kind: 'badRecipe', detail });
  }
  return task;
}
