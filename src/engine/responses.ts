import type { StepReadback } from '../gpu/transformer/shapes';
import type { Task } from '../tasks/task';

/** One generated response on the CPU. */
export interface Response {
  /** Response tokens, end token included where it came. */
  readonly tokens: readonly number[];
  /** Per token, nats, at the sampling temperature. */
  readonly logprob: Float32Array;
  readonly entropy: Float32Array;
}

/** What sampling needs to know of a task. */
export type Frame = Pick<Task, 'promptLength' | 'eos'>;

/** Cuts one row (of `length` positions, row-major over runs and rows) out of a readback. */
export function responseAt(
  readback: StepReadback,
  task: Frame,
  row: number,
  length: number,
): Response {
  const from = row * length + task.promptLength;
  const end = (row + 1) * length;
  let to = from;
  while (to < end && readback.tokens[to] !== task.eos) to++;
  if (to < end) to++;
  return {
    tokens: Array.from(readback.tokens.subarray(from, to)),
    logprob: readback.logprob.subarray(from, to),
    entropy: readback.entropy.subarray(from, to),
  };
}

/** Copies prompts into the (rows, length) token grid of a rollout batch, from row `first` on. */
export function placePrompts(
  grid: Uint32Array,
  length: number,
  first: number,
  prompts: readonly (readonly number[])[],
): void {
  prompts.forEach((prompt, i) => grid.set(prompt, (first + i) * length));
}
