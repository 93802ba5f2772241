import type { ParameterLayout } from '../../model/layout';
import type { View } from '../kernel';
import type { Memory } from '../memory';

/** The parameters of R runs and what the optimiser keeps for them, each (R, layout.total). */
export interface PolicyBuffers {
  readonly layout: ParameterLayout;
  readonly runs: number;
  readonly weights: View;
  readonly grads: View;
  /** First and second moment of AdamW. */
  readonly m: View;
  readonly v: View;
}

export function policyBuffers(
  memory: Memory,
  layout: ParameterLayout,
  runs: number,
): PolicyBuffers {
  const words = runs * layout.total;
  return {
    layout,
    runs,
    weights: memory.storage('weights', words),
    grads: memory.storage('grads', words),
    m: memory.storage('adam m', words),
    v: memory.storage('adam v', words),
  };
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
