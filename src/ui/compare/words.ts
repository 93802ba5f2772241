import { knobOf } from '../../recipe/schema';
import { decimalsFor, fixed, signed } from '../../rl/number_words';
import type { PairedDifference } from '../../rl/statistics';
import type { ComparedQuantity, Comparison } from '../../store/comparison';
import { quantityNamed } from './quantities';

/** What the comparison of one quantity says, with its size, its seeds and how sure it is. */
export function quantityInWords(
  { quantity, first, second, paired }: ComparedQuantity,
  names: readonly [first: string, second: string],
): string {
  const { label, unit } = quantityNamed(quantity);
  const missing = [first, second].flatMap((value, i) =>
    Number.isFinite(value) ? [] : [`“${names[i]}”`],
  );
  if (missing.length > 0)
    return `${label} was not measured at these steps in ${missing.join(' and ')}.`;
  const difference = paired?.mean ?? first - second;
  const decimals = decimalsFor([difference, ...(paired?.interval ?? [])]);
  const places = Math.max(decimals, decimalsFor([first, second]));
  const size = fixed(Math.abs(difference), decimals);
  const [a, b] = [
    `“${names[0]}” (${fixed(first, places)})`,
    `“${names[1]}” (${fixed(second, places)})`,
  ];
  if (paired !== null && paired.equal === paired.n)
    return `${label} is the same in ${a} and ${b}, at every seed.`;
  const lead =
    Number(size) === 0
      ? `${label} is the same in ${a} and ${b} to ${decimals} decimals.`
      : `${label} is ${size}${unit} ${difference > 0 ? 'higher' : 'lower'} in ${a} than in ${b}.`;
  return `${lead} ${certainty(paired, decimals, unit)}`;
}

function certainty(paired: PairedDifference | null, decimals: number, unit: string): string {
  if (paired === null) return 'They are not pairs, so no interval is given.';
  if (paired.interval === null) return 'One pair gives no interval: this may be chance.';
  const { interval, n, mean, higher, lower } = paired;
  const [low, high] = interval.map((end) => signed(end, decimals));
  const same = mean >= 0 ? higher : lower;
  const range = `Over ${n} pairs the difference is ${signed(mean, decimals)} [${low}, ${high}]${unit} (95% bootstrap)`;
  return `${range}, ${same} of ${n} with this sign: ${verdict(interval)}`;
}

function verdict([low, high]: readonly [number, number]): string {
  if (low > 0 || high < 0) return 'the interval leaves out 0.';
  return 'the interval holds 0, so this is undecided.';
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

/** The steps that means are over. */
export function stepsInWords({ from, to }: Pick<Comparison, 'from' | 'to'>): string {
  return from === to ? `step ${to}` : `steps ${from} to ${to}`;
}
