import { knobOf } from '../../recipe/schema';
import { decimalsFor, fixed, signed } from '../../rl/number_words';
import type { Compared, ComparedQuantity, Comparison } from '../../store/comparison';

const UNITS: Readonly<Record<Compared, string>> = { entropy: ' nats', reward: '' };
const NAMES: Readonly<Record<Compared, string>> = { entropy: 'Entropy', reward: 'Reward' };

/** What the comparison of one quantity says, with its size, its seeds and how sure it is. */
export function quantityInWords(
  { quantity, first, second, paired }: ComparedQuantity,
  names: readonly [first: string, second: string],
): string {
  const unit = UNITS[quantity];
  const difference = paired?.mean ?? first - second;
  const decimals = decimalsFor([difference, ...(paired?.interval ?? [])]);
  const places = decimalsFor([first, second]);
  const values = `${fixed(first, places)} against ${fixed(second, places)}${unit}`;
  const size = `${signed(difference, decimals)}${unit}`;
  const lead = `${NAMES[quantity]} of ${names[0]} against ${names[1]}: ${values}`;
  if (paired === null) {
    return `${lead}, a difference of ${size} between means of different runs; no interval can be given.`;
  }
  if (paired.interval === null) {
    return `${lead}, a difference of ${size} at the one seed that both have; one pair gives no interval.`;
  }
  const [low, high] = paired.interval.map((end) => signed(end, decimals));
  const more = paired.mean >= 0 ? paired.higher : paired.lower;
  return (
    `${lead}, a difference of ${size} [${low}, ${high}] (95% bootstrap interval over ${paired.n} pairs); ` +
    `${more} of ${paired.n} seeds agree in sign. ${verdict(paired.interval)}`
  );
}

function verdict([low, high]: readonly [number, number]): string {
  if (low > 0) return 'The interval lies above 0.';
  return high < 0 ? 'The interval lies below 0.' : 'The interval holds 0: undecided.';
}

/** Whether the runs of the two are pairs, and why not. */
export function pairingInWords({ unpaired, seeds }: Comparison): string {
  if (unpaired === null) {
    const list = seeds.join(', ');
    return seeds.length === 1
      ? `Paired at seed ${list}: the same prompts and the same draws.`
      : `Paired at seeds ${list}: the same prompts and the same draws at each.`;
  }
  if ('seeds' in unpaired) {
    return 'Not pairs: the two have no seed in common, so they saw other prompts and other draws.';
  }
  const labels = unpaired.settings.map((key) => knobOf(key).label.toLowerCase()).join(', ');
  return `Not pairs: they saw other prompts, since these settings differ: ${labels}.`;
}
