import type { View } from '../kernel';
import type { Memory } from '../memory';
import { Plan } from '../plan';
import type { Activations, Gradients } from './activations';
import { recordDecode } from './decode';
import type { PassInputs } from './forward';
import type { RunsShape } from './shapes';
import {
  recordDot,
  recordGradient,
  recordLoss,
  recordOptimiser,
  recordReference,
  recordSoftmax,
  type UpdateOutputs,
} from './update';

/** Every sequence of dispatches that runs of one shape need. */
export type Plans = Record<
  | 'decode'
  | 'gradient'
  | 'selectingGradient'
  | 'optimiser'
  | 'loss'
  | 'keptLoss'
  | 'reference'
  | 'softmax'
  | 'dot',
  Plan
>;

interface PlanInputs {
  readonly shape: RunsShape;
  /** The selection of every rollout row in its order. */
  readonly allRows: View;
  readonly acts: Activations;
  readonly grads: Gradients;
  readonly settings: View;
  readonly outputs: UpdateOutputs;
  readonly base: View;
  /** Weights that the last updates began with. */
  readonly kept: View;
}

/** Records all plans; they share activations, so one at a time may run. */
export function recordPlans(
  device: GPUDevice,
  memory: Memory,
  inputs: PassInputs,
  { shape, allRows, acts, grads, settings, outputs, base, kept }: PlanInputs,
): Plans {
  const plan = (label: string, record: (plan: Plan) => void) => {
    const made = new Plan(device, label);
    record(made);
    return made;
  };
  const plain = { selects: false };
  const before = { ...inputs, policy: { ...inputs.policy, weights: kept } };
  return {
    decode: plan('decode', (p) =>
      recordDecode(p, memory, { ...inputs, rows: allRows }, { ...shape, settings }),
    ),
    gradient: plan('gradient', (p) =>
      recordGradient(p, inputs, acts, grads, settings, outputs, plain),
    ),
    selectingGradient: plan('selecting gradient', (p) =>
      recordGradient(p, inputs, acts, grads, settings, outputs, { selects: true }),
    ),
    optimiser: plan('optimiser', (p) => recordOptimiser(p, inputs, settings, outputs)),
    loss: plan('loss', (p) => recordLoss(p, inputs, acts, grads, settings, outputs, plain)),
    keptLoss: plan('kept loss', (p) =>
      recordLoss(p, before, acts, grads, settings, outputs, plain),
    ),
    reference: plan('reference', (p) => recordReference(p, inputs, base, acts, settings)),
    // Nothing needs the gradient at the logits once the pass is over.
    softmax: plan('softmax', (p) => recordSoftmax(p, inputs, acts, settings, grads.dLogits)),
    // Adam's second moment is free to hold another gradient where no update follows: see `entropySlope`.
    dot: plan('dot', (p) => recordDot(p, inputs, inputs.policy.grads, inputs.policy.v, outputs)),
  };
}
