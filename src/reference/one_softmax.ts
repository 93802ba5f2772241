import { pushedLogits, type Push, type Pushed } from '../rl/one_softmax';
import { policyLoss } from './policy_loss';
import { entropyOf, logSoftmaxRow } from './token_stats';

/** The float64 twin of src/engine/one_softmax.ts: one row through the twin of the loss, and again after the step. */
export function pushOnce(push: Push): Pushed {
  const V = push.logits.length;
  const out = policyLoss(
    {
      logits: Float64Array.from(push.logits),
      token: [push.token],
      tokenWeight: Float64Array.of(1),
      oldLogprob: new Float64Array(1),
      refLogprob: new Float64Array(1),
      advantage: Float64Array.of(push.advantage),
    },
    V,
    {
      // Of a token drawn from this very policy: the ratio is 1, and the surrogate's slope is -A.
      objective: 'reinforce',
      temperature: 1,
      clipLow: 0,
      clipHigh: 0,
      dualClip: null,
      positiveWeight: 1,
      negativeWeight: 1,
      entropyCoef: 0,
      klCoef: 0,
    },
  );
  const gradient = Array.from(out.dLogits);
  const after = logSoftmaxRow(Float64Array.from(pushedLogits(push, gradient)), 0, V, 1);
  return {
    logprob: out.logprob[0] ?? NaN,
    entropy: out.entropy[0] ?? NaN,
    drive: out.entropyDrive[0] ?? NaN,
    gradient,
    entropyAfter: entropyOf(after),
  };
}

/** softmax(logits) -> (V). */
export function probabilities(logits: readonly number[]): number[] {
  return Array.from(logSoftmaxRow(Float64Array.from(logits), 0, logits.length, 1), Math.exp);
}
