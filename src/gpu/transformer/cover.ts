import type { View } from '../kernel';
import type { Activations } from './activations';
import type { TransformerKernels } from './kernels';
import type { PolicyBuffers } from './policy_buffers';
import type { RolloutBuffers } from './rollout_buffers';

/** Position tables on the GPU, (positions, head dim / 2) each. */
export interface RopeViews {
  readonly cosine: View;
  readonly sine: View;
}

/** What every pass over a minibatch of rollout rows needs. */
export interface PassInputs {
  readonly kernels: TransformerKernels;
  readonly policy: PolicyBuffers;
  readonly rollouts: RolloutBuffers;
  /** (R, rows, 4): rollout row, prompt length, length, 0. */
  readonly rows: View;
  readonly rope: RopeViews;
}

/** Which rows and positions of the rollouts a pass covers, as the kernels' parameters. */
export function cover({ rollouts }: PassInputs, { shape }: Activations) {
  return {
    rows: shape.rows,
    positions: shape.positions,
    first: 0,
    length: rollouts.shape.length,
    rollout_rows: rollouts.shape.rows,
  };
}
