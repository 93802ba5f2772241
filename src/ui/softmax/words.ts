import type { Push, Pushed, Quadrant } from '../../rl/one_softmax';
import { fixed, signed } from '../../rl/number_words';
import type { TokenSource } from '../../store/softmax';

/** Changes smaller than this are shown as none. */
const NOTHING = 5e-4;

export const NATS = 3;

/** What the push did, in one sentence. */
export function outcome(name: string, { up, likely }: Quadrant, change: number): string {
  const act = `${up ? 'Pushing up' : 'Pushing down'} ${name}, ${likely ? 'a likely' : 'an unlikely'} token`;
  if (Math.abs(change) < NOTHING) return `${act}, leaves entropy where it is.`;
  const way = change > 0 ? 'raises' : 'lowers';
  return `${act}, ${way} entropy by ${fixed(Math.abs(change), NATS)} nats.`;
}

/** Why the token counts as likely or not: how much it surprises beside the average. */
export function why(name: string, { likely }: Quadrant, { logprob, entropy }: Pushed): string {
  const side = likely ? 'less than' : 'at least as much as';
  return `${name} surprises by ${fixed(-logprob, 2)} nats, ${side} the average, which is the entropy, ${fixed(entropy, 2)}.`;
}

/** Where rule, prediction and exact change part ways; null where they agree. */
export function caveat(quadrant: Quadrant, { stepSize }: Push, pushed: Pushed): string | null {
  const predicted = stepSize * pushed.drive;
  const exact = pushed.entropyAfter - pushed.entropy;
  if (quadrant.nearTheLine) {
    return 'The token is so near the line between likely and unlikely that the second term of the bracket decides: the rule of thumb does not hold here, equation (39) does.';
  }
  if (Math.abs(exact) < NOTHING || Math.abs(predicted) < NOTHING) return null;
  if (predicted > 0 !== exact > 0) {
    return 'The step is so large that entropy ends on the other side of where it began: the prediction looks at the slope alone.';
  }
  const off = Math.abs(predicted - exact) / Math.abs(exact);
  return off > 0.25
    ? `The prediction is off by ${Math.round(100 * off)}%: it looks at the slope where the step begins. Make the step smaller.`
    : null;
}

export const change = (nats: number): string => signed(nats, NATS);

/** Where a token of the rollouts was met. */
export function sourceWords(source: TokenSource, token: string): string {
  const { arm, seed, step, prompt, response, place, advantage } = source;
  const when = step === 0 ? 'before training' : `step ${step}`;
  const asked =
    advantage === 0
      ? 'Its advantage there was 0, so it asked for nothing.'
      : `Its advantage there was ${signed(advantage, 2)}; here it counts as ${advantage > 0 ? '+1' : '−1'}.`;
  return `From the rollouts of ${arm}, seed ${seed}, ${when}: the distribution that token ${place}, “${token}”, of response ${response} to ${prompt.join(' ')} was drawn from. ${asked}`;
}

/** What training made of the entropy there, to hold against the push; empty where there was none. */
export function trainedWords({ entropy, entropyAfter }: TokenSource): string {
  if (entropyAfter === null) return '';
  return `All updates of that step together took the entropy at this position from ${fixed(entropy, NATS)} to ${fixed(entropyAfter, NATS)} nats; the push is of this token alone.`;
}
