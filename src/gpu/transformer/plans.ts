import type { View } from '../kernel';
import { Plan } from '../plan';
import type { RunsBuffers } from './buffers';
import { recordDecode } from './decode';
import type { PassInputs } from './cover';
import { recordPart, recordSoftmax } from './head';
import type { RunsShape } from './shapes';
import {
  recordDot,
  recordGradient,
  recordLoss,
  recordOptimiser,
  recordReference,
  recordSelection,
  recordTokens,
} from './update';

/** Every sequence of dispatches that runs of one shape need. */
export type Plans = Record<
  | 'decode'
  | 'gradient'
  | 'furtherGradient'
  | 'selectingGradient'
  | 'tokens'
  | 'selection'
  | 'optimiser'
  | 'loss'
  | 'keptLoss'
  | 'reference'
  | 'softmax'
  | 'dot',
  Plan
>;

/** A plan for each part of the vocabulary, to read logits and distributions by: see `recordPart`. */
export interface PartPlans {
  /** With the weights as they are, and with those that were kept. */
  readonly now: readonly Plan[];
  readonly kept: readonly Plan[];
}

/** None where logits are held whole. */
export function recordPartPlans(
  device: GPUDevice,
  kernels: PassInputs['kernels'],
  { acts, grads, policy, rollouts, rows, rope, kept }: RunsBuffers,
): PartPlans {
  const inputs: PassInputs = { kernels, policy, rollouts, rows, rope };
  const plans = (weights: View) =>
    (acts.parts?.all ?? []).map((part) => {
      const plan = new Plan(device, 'part of the vocabulary');
      recordPart(plan, inputs, weights, acts, part, grads.dLogits);
      return plan;
    });
  return { now: plans(policy.weights), kept: plans(kept) };
}

/** Records all plans; they share activations, so one at a time may run. */
export function recordPlans(
  device: GPUDevice,
  kernels: PassInputs['kernels'],
  buffers: RunsBuffers,
  shape: RunsShape,
): Plans {
  const { acts, grads, settings, outputs, policy, rollouts, rows, rope } = buffers;
  const inputs: PassInputs = { kernels, policy, rollouts, rows, rope };
  const plan = (label: string, record: (plan: Plan) => void) => {
    const made = new Plan(device, label);
    record(made);
    return made;
  };
  const plain = { selects: false, adds: false, minibatchRows: shape.minibatchRows };
  const before = { ...inputs, policy: { ...policy, weights: buffers.kept } };
  const gradient = (label: string, manner: Partial<typeof plain>) =>
    plan(label, (p) =>
      recordGradient(p, inputs, acts, grads, settings, outputs, { ...plain, ...manner }),
    );
  const several = buffers.passes !== null;
  return {
    decode: plan('decode', (p) =>
      recordDecode(p, { ...inputs, rows: buffers.allRows }, buffers.decode, { ...shape, settings }),
    ),
    gradient: gradient('gradient', {}),
    furtherGradient: several ? gradient('further gradient', { adds: true }) : new Plan(device, ''),
    selectingGradient: gradient('selecting gradient', { selects: true }),
    // A selection looks at the minibatch as a whole: all passes for the tokens, then one of its own.
    tokens: several
      ? plan('tokens', (p) => recordTokens(p, inputs, acts, settings))
      : new Plan(device, ''),
    selection: plan('selection', (p) => {
      if (buffers.passes !== null) recordSelection(p, inputs, acts, settings, buffers.passes);
    }),
    optimiser: plan('optimiser', (p) => recordOptimiser(p, inputs, settings, outputs)),
    loss: plan('loss', (p) => recordLoss(p, inputs, acts, grads, settings, outputs, plain)),
    keptLoss: plan('kept loss', (p) =>
      recordLoss(p, before, acts, grads, settings, outputs, plain),
    ),
    reference: plan('reference', (p) => recordReference(p, inputs, buffers.base, acts, settings)),
    // Nothing needs the gradient at the logits once the pass is over.
    softmax: plan('softmax', (p) => {
      if (acts.parts === null) recordSoftmax(p, inputs, acts, settings, grads.dLogits);
    }),
    // Adam's second moment is free to hold another gradient where no update follows: see `entropySlope`.
    dot: plan('dot', (p) => recordDot(p, inputs, policy.grads, policy.v, outputs)),
  };
}
