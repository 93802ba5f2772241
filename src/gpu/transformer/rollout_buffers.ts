import type { View } from '../kernel';
import type { Allocator } from '../memory';

/** Planes of the record buffer, each (R, rows, length) numbers; the last two are those of a pass that selects tokens. */
export const PLANE = {
  logprob: 0,
  entropy: 1,
  reference: 2,
  advantage: 3,
  currentLogprob: 4,
  currentEntropy: 5,
} as const;
const PLANES = 6;

/** Sizes of a rollout batch: R runs, `rows` responses each, `length` positions of prompt and response. */
export interface RolloutShape {
  readonly runs: number;
  readonly rows: number;
  readonly length: number;
}

/** A batch of responses as generation writes it and updates read it. */
export interface RolloutBuffers {
  readonly shape: RolloutShape;
  /** (R, rows, length) token ids. */
  readonly tokens: View;
  /** (R, rows, 2): prompt length, and length once the response is over. */
  readonly spans: View;
  /** Six planes, see PLANE. */
  readonly record: View;
  /** Numbers of one plane. */
  readonly plane: number;
}

export function rolloutBuffers(memory: Allocator, shape: RolloutShape): RolloutBuffers {
  const plane = shape.runs * shape.rows * shape.length;
  return {
    shape,
    tokens: memory.storage('rollout tokens', plane),
    spans: memory.storage('rollout spans', shape.runs * shape.rows * 2),
    record: memory.storage('rollout record', PLANES * plane),
    plane,
  };
}

/** The selection (R, rows, 4) of every rollout row in its order; see policy_loss.wgsl. */
export function everyRow(runs: number, rows: number): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(runs * rows * 4);
  for (let i = 0; i < runs * rows; i++) all[4 * i] = i % rows;
  return all;
}
