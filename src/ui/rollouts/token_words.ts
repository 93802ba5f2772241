import { decimal, signed } from '../format';
import type { TokenFacts } from './token_facts';

/** Changes that are not worth a word: shares of a probability, and nats. */
const SAME_PROBABILITY = 0.0005;
const SAME_ENTROPY = 0.005;

/** What a step's updates did to a token and to the entropy there. */
export function tokenWords(facts: TokenFacts): string {
  const { after } = facts;
  if (after === null) return `${drawnWords(facts)} ${pushWords(facts)}`.trim();
  return [askedWords(facts), clipWords(facts), entropyWords(facts)].filter(Boolean).join(' ');
}

function drawnWords({ probability, entropy }: TokenFacts): string {
  const nats = `the entropy there was ${decimal(entropy)} nats`;
  if (Number.isNaN(probability)) return `When this token was drawn, ${nats}.`;
  return `It was drawn with a probability of ${share(probability)}; ${nats}.`;
}

function pushWords({ advantage, drive }: TokenFacts): string {
  if (drive === null) return '';
  if (advantage === 0) return 'Its advantage is 0, so training would leave it to others.';
  const asks = `Its advantage of ${signed(advantage)} asks for ${advantage > 0 ? 'more' : 'less'} of it`;
  if (drive === 0) return `${asks}, which leaves the entropy there as it is.`;
  return `${asks}, which pushes the entropy there ${drive > 0 ? 'up' : 'down'}.`;
}

function askedWords({ advantage, probability, after }: TokenFacts): string {
  const change = (after?.probability ?? NaN) - probability;
  const still = Math.abs(change) < SAME_PROBABILITY;
  const moved = still
    ? `it stayed at ${share(probability)}`
    : `the updates took it from ${share(probability)} to ${share(after?.probability ?? NaN)}`;
  if (advantage === 0)
    return `Its advantage is 0, so it asked for nothing; ${moved}${still ? '' : ', by what other tokens asked for'}.`;
  const asked = `Its advantage of ${signed(advantage)} asked for ${advantage > 0 ? 'more' : 'less'} of it`;
  if (still) return `${asked}; ${moved}.`;
  return change > 0 === advantage > 0
    ? `${asked}, and ${moved}.`
    : `${asked}, yet ${moved}: other tokens pull on the same weights.`;
}

function clipWords({ after }: TokenFacts): string {
  if (!after?.clip?.side) return '';
  const { side, lowest, highest } = after.clip;
  return side === 'high'
    ? `Its ratio of ${decimal(after.ratio)} is above ${decimal(highest)}, where clipping sets in.`
    : `Its ratio of ${decimal(after.ratio)} is below ${decimal(lowest)}, where clipping sets in.`;
}

function entropyWords({ entropy, drive, after }: TokenFacts): string {
  const next = after?.entropy ?? NaN;
  const change = next - entropy;
  if (!Number.isFinite(change)) return '';
  if (Math.abs(change) < SAME_ENTROPY)
    return `The entropy there stayed at ${decimal(entropy)} nats.`;
  const moved = `The entropy there ${change > 0 ? 'rose' : 'fell'} from ${decimal(entropy)} to ${decimal(next)} nats`;
  if (drive === null || drive === 0) return `${moved}.`;
  return drive > 0 === change > 0
    ? `${moved}, the way its own loss pushed.`
    : `${moved}, though its own loss pushed it ${drive > 0 ? 'up' : 'down'}.`;
}

/** A probability for people. */
export function share(probability: number): string {
  if (probability > 0 && probability < 0.0005) return '<0.1%';
  if (probability < 1 && probability > 0.9995) return '>99.9%';
  return `${decimal(probability * 100, 1)}%`;
}
