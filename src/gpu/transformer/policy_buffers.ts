import type { ParameterLayout } from '../../model/layout';
import type { View } from '../kernel';
import type { Allocator } from '../memory';

/** The parameters of R runs and what the optimiser keeps for them, each (R, layout.total). */
export interface PolicyBuffers {
  readonly layout: ParameterLayout;
  readonly runs: number;
  readonly weights: View;
  readonly grads: View;
  /** In which the kernels that go through all parameters take them. */
  readonly segments: readonly Segment[];
  /** First and second moment of AdamW. */
  readonly m: View;
  readonly v: View;
}

export function policyBuffers(
  memory: Allocator,
  layout: ParameterLayout,
  runs: number,
  bindingBytes?: number,
): PolicyBuffers {
  const words = runs * layout.total;
  return {
    layout,
    runs,
    segments: segments(layout, runs, bindingBytes),
    weights: memory.storage('weights', words, flat(runs)),
    grads: memory.storage('grads', words, flat(runs)),
    m: memory.storage('adam m', words, flat(runs)),
    v: memory.storage('adam v', words, flat(runs)),
  };
}

/** Those of a single run are bound block by block and in segments; those of several across all of them. */
export const flat = (runs: number) => ({ inParts: runs === 1 });

/** The largest binding that every device allows. */
const BINDING_BYTES = 128 * 2 ** 20;

/** Part of all parameters that kernels which go through them can bind. Numbers. */
export interface Segment {
  readonly offset: number;
  readonly numbers: number;
}

/**
 * A flat parameter buffer in parts of at most `most` bytes: a single run's, since those of several runs are bound
 * together and so must fit as they are.
 */
export function segments(
  { total }: ParameterLayout,
  runs: number,
  most = BINDING_BYTES,
): readonly Segment[] {
  if (runs > 1 || total * 4 <= most) return [{ offset: 0, numbers: total }];
  // Offsets of bindings are multiples of 256 bytes, as those of blocks are.
  const size = Math.floor(most / 256) * 64;
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => ({
    offset: i * size,
    numbers: Math.min(size, total - i * size),
  }));
}

/** One block of a flat parameter buffer, for all runs: `numbers` from `offset` on, at run stride layout.total. */
export function block(
  flat: View,
  layout: ParameterLayout,
  runs: number,
  offset: number,
  numbers: number,
): View {
  return {
    buffer: flat.buffer,
    offset: offset * 4,
    size: ((runs - 1) * layout.total + numbers) * 4,
  };
}
