import type { View } from '../kernel';
import type { Plan } from '../plan';
import type { PassInputs } from './cover';
import type { Linear } from './linear';

/** Views that the second block of a layer reads and writes, rows x width each. */
export interface FeedForwardViews {
  readonly normed: View;
  readonly gateUp: View;
  readonly gated: View;
  /** Residual stream between the blocks, and after this one. */
  readonly middle: View;
  readonly out: View;
}

/** Records out = middle + W_down (silu(W_gate n) * W_up n) of layer `l`: 3 dispatches. docs/math.md (7). */
export function recordFeedForward(
  plan: Plan,
  { kernels, policy: { layout, runs } }: Pick<PassInputs, 'kernels' | 'policy'>,
  linear: Linear,
  weights: View,
  l: number,
  { rows, views }: { readonly rows: number; readonly views: FeedForwardViews },
): void {
  const blocks = layout.layers[l];
  if (!blocks) throw new Error(`no layer ${l}`);
  const { hidden, intermediate } = layout.dims;
  linear.forward(
    weights,
    blocks.gateUp,
    { out: 2 * intermediate, inner: hidden },
    views.normed,
    views.gateUp,
  );
  plan.add(
    kernels.swiglu,
    { gate_up: views.gateUp, y: views.gated },
    { rows, width: intermediate / 4 },
    (rows * intermediate) / 4,
    runs,
  );
  linear.forward(
    weights,
    blocks.down,
    { out: hidden, inner: intermediate },
    views.gated,
    views.out,
    views.middle,
  );
}
