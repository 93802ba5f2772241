import type { Recipe } from '../../recipe/recipe';
import type { Columns } from '../../store/columns';
import type { Arm } from '../../store/experiment';
import { currentWeight, isScheduled } from '../../store/weight';
import { decimal, NONE, percent, setting, significant } from '../format';

/** A token of the newest rollouts that the formula is read for. */
export interface ChosenToken {
  readonly text: string;
  readonly advantage: number;
  /** Under the policy that drew it. */
  readonly logprob: number;
  /** Nats. */
  readonly entropy: number;
}

/** What a term's values are read from. */
export interface Readings {
  readonly arm: Arm;
  /** The arm's series, means over its seeds. */
  readonly row: Columns;
  readonly token: ChosenToken | null;
}

/** One number or word, and what it is of. */
export interface Value {
  readonly of: string;
  readonly text: string;
}

const AGGREGATIONS: Readonly<Record<Recipe['aggregation'], string>> = {
  'token-mean': 'token-mean: 1 over the response tokens of the minibatch',
  'sequence-mean': 'sequence-mean: 1 over the responses, and over the tokens of each',
  constant: 'constant: 1 over the responses times a fixed length',
};

const atStep = ({ row }: Readings): string =>
  row.length === 0 ? 'no step yet' : `step ${row.last('step')}`;

const value = (of: string, text: string): Value => ({ of, text });
const measured = (readings: Readings, of: string, text: string): Value =>
  value(`${of}, ${atStep(readings)}`, text);

/** The weight of the token's sign, (26). */
export function weightOf({ arm, row }: Readings, advantage: number): number {
  if (advantage > 0) return currentWeight(arm, row);
  return advantage < 0 ? arm.recipe.negative_weight : 1;
}

const ofToken = (
  { token }: Readings,
  what: string,
  read: (token: ChosenToken) => string,
): Value[] => (token === null ? [] : [value(`${what} of the token “${token.text}”`, read(token))]);

const coefficient = (key: 'clip_low' | 'clip_high' | 'entropy_coef', { arm, row }: Readings) => {
  const now = row.last(key);
  return Number.isNaN(now) ? Number(arm.recipe[key] ?? 0) : now;
};

export function lossValues(r: Readings): Value[] {
  return [
    measured(r, 'loss', significant(r.row.last('loss'))),
    measured(r, 'norm of its gradient, before it is cut', decimal(r.row.last('grad_norm'))),
    value('cut to at most', setting(r.arm.recipe.max_grad_norm)),
  ];
}

export function shareValues({ arm }: Readings): Value[] {
  return [value('aggregation', AGGREGATIONS[arm.recipe.aggregation])];
}

export function ratioValues(r: Readings): Value[] {
  return [
    ...ofToken(r, 'r', () => '1 at the first update: the policy is still the one that drew it'),
    measured(r, 'largest r', decimal(r.row.last('ratio_max'))),
    value('updates a step', String(r.arm.recipe.minibatches * r.arm.recipe.epochs)),
  ];
}

export function behaviourValues(r: Readings): Value[] {
  return ofToken(r, 'probability', ({ logprob }) =>
    Number.isNaN(logprob)
      ? 'not kept with these rollouts'
      : `${decimal(Math.exp(logprob), 3)}, log ${decimal(logprob, 3)}`,
  );
}

export function advantageValues(r: Readings): Value[] {
  return [
    ...ofToken(r, 'A', ({ advantage }) => decimal(advantage)),
    measured(r, 'mean |A| where A > 0', decimal(r.row.last('positive_advantage_mass'), 3)),
    measured(r, 'mean |A| where A < 0', decimal(r.row.last('negative_advantage_mass'), 3)),
    value('estimator', r.arm.recipe.advantage),
  ];
}

export function positiveWeightValues(r: Readings): Value[] {
  return [
    value(
      isScheduled(r.arm) ? 'λ now, by its schedule' : 'λ',
      setting(currentWeight(r.arm, r.row)),
    ),
    measured(r, 'share of tokens with A > 0', percent(r.row.last('positive_token_fraction'))),
  ];
}

export function negativeWeightValues({ arm }: Readings): Value[] {
  return [value('weight of A < 0', setting(arm.recipe.negative_weight))];
}

export function weightedValues(r: Readings): Value[] {
  return ofToken(
    r,
    'A′',
    ({ advantage }) =>
      `${setting(weightOf(r, advantage))} × ${decimal(advantage)} = ${decimal(weightOf(r, advantage) * advantage)}`,
  );
}

export function minimumValues(r: Readings): Value[] {
  return ofToken(r, 'its term at the first update, −A′,', ({ advantage }) =>
    decimal(-weightOf(r, advantage) * advantage),
  );
}

export function clampValues(r: Readings): Value[] {
  const [low, high] = [coefficient('clip_low', r), coefficient('clip_high', r)];
  return [
    value('range of r', `${setting(Math.max(0, 1 - low))} to ${setting(1 + high)}`),
    ...lowValues(r).slice(1),
    ...highValues(r).slice(1),
  ];
}

export function lowValues(r: Readings): Value[] {
  return [
    value('clip low', setting(coefficient('clip_low', r))),
    measured(r, 'tokens clipped below', percent(r.row.last('clip_low_fraction'))),
  ];
}

export function highValues(r: Readings): Value[] {
  return [
    value('clip high', setting(coefficient('clip_high', r))),
    measured(r, 'tokens clipped above', percent(r.row.last('clip_high_fraction'))),
  ];
}

export function klCoefficientValues({ arm }: Readings): Value[] {
  return [
    value(
      'KL coefficient',
      arm.recipe.kl_coef === 0 ? '0: this term is off' : setting(arm.recipe.kl_coef),
    ),
  ];
}

export function klValues(r: Readings): Value[] {
  const kl = r.row.last('kl');
  return [
    measured(
      r,
      'mean k3',
      Number.isNaN(kl) && r.arm.recipe.kl_coef === 0
        ? 'not computed while its coefficient is 0'
        : significant(kl),
    ),
  ];
}

export function entropyCoefficientValues(r: Readings): Value[] {
  const now = coefficient('entropy_coef', r);
  return [value('entropy coefficient', now === 0 ? '0: this term is off' : setting(now))];
}

export function entropyValues(r: Readings): Value[] {
  const mean = r.row.last('entropy');
  return [
    ...ofToken(r, 'H', ({ entropy }) => `${decimal(entropy, 3)} nats`),
    measured(r, 'mean H', Number.isNaN(mean) ? NONE : `${decimal(mean, 3)} nats`),
  ];
}
