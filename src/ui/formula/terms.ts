import type { ReactNode } from 'react';
import { math, mi, mn, mo, mrow, msub, name, thin } from './mathml';
import * as values from './values';
import type { Readings, Value } from './values';

/** One term of the loss: how it is written, what it is, where it comes from and what it is now. */
export interface Term {
  readonly id: string;
  readonly symbol: ReactNode;
  readonly title: string;
  readonly meaning: string;
  /** Equations of docs/math.md. */
  readonly equation: string;
  readonly values: (readings: Readings) => readonly Value[];
}

const epsilon = (side: string) => msub(mi('ε'), name(side));

export const TERMS = {
  loss: {
    id: 'loss',
    symbol: mi('L'),
    title: 'Loss',
    meaning:
      'What an update goes down: the sum over the response tokens of a minibatch. AdamW takes the step, so its size depends on how the parts compare and hardly on the loss as a whole.',
    equation: '(34); its gradient (35)',
    values: values.lossValues,
  },
  share: {
    id: 'share',
    symbol: mi('σ'),
    title: 'Share of a token',
    meaning: 'How much each token counts in the sum, whatever it says.',
    equation: '(33)',
    values: values.shareValues,
  },
  minimum: {
    id: 'minimum',
    symbol: name('min'),
    title: 'The worse of two',
    meaning:
      'Takes the smaller gain, so that clipping only ever takes gains away. A token that has moved far enough in its direction gives no gradient any more; one that has moved the wrong way is still brought back.',
    equation: '(31a)',
    values: values.minimumValues,
  },
  ratio: {
    id: 'ratio',
    symbol: mi('r'),
    title: 'Probability ratio',
    meaning:
      'How much likelier the token is now than when it was drawn. It is 1 until the first update of a step has been made, so with one update a step nothing is ever clipped.',
    equation: '(30)',
    values: values.ratioValues,
  },
  behaviour: {
    id: 'behaviour',
    symbol: msub(mi('p'), name('old')),
    title: 'Probability when drawn',
    meaning: 'Recorded by the sampler, under the policy that wrote the response.',
    equation: '(15)',
    values: values.behaviourValues,
  },
  weighted: {
    id: 'weighted',
    symbol: mi('A′'),
    title: 'Weighted advantage',
    meaning: 'The advantage times the weight of its sign. This is where λ acts.',
    equation: '(26)',
    values: values.weightedValues,
  },
  clamp: {
    id: 'clamp',
    symbol: name('clamp'),
    title: 'Clipping',
    meaning:
      'Holds the ratio inside a range. Which tokens leave that range first is what “clip selects” is about: below it, the unlikely tokens of bad responses.',
    equation: '(31a), (83)',
    values: values.clampValues,
  },
  low: {
    id: 'low',
    symbol: mrow(mn('1'), mo('−'), epsilon('low')),
    title: 'Lower bound of the ratio',
    meaning: 'Tokens with A < 0 are pushed down until their ratio falls below it.',
    equation: '(31a)',
    values: values.lowValues,
  },
  high: {
    id: 'high',
    symbol: mrow(mn('1'), mo('+'), epsilon('high')),
    title: 'Upper bound of the ratio',
    meaning: 'Tokens with A > 0 are pushed up until their ratio rises above it.',
    equation: '(31a)',
    values: values.highValues,
  },
  klCoefficient: {
    id: 'klCoefficient',
    symbol: mi('β'),
    title: 'KL coefficient',
    meaning: 'How strongly the policy is held to the base policy.',
    equation: '(34)',
    values: values.klCoefficientValues,
  },
  kl: {
    id: 'kl',
    symbol: msub(mi('k'), mn('3')),
    title: 'Distance from the base policy',
    meaning:
      'An estimate of the KL divergence from the sampled token alone; never below 0, and 0 where both policies give it the same probability.',
    equation: '(32)',
    values: values.klValues,
  },
  entropyCoefficient: {
    id: 'entropyCoefficient',
    symbol: mi('α'),
    title: 'Entropy coefficient',
    meaning: 'An entropy bonus: above 0, entropy itself lowers the loss.',
    equation: '(34)',
    values: values.entropyCoefficientValues,
  },
  entropy: {
    id: 'entropy',
    symbol: mi('H'),
    title: 'Entropy',
    meaning: 'Of the distribution at the token’s position, in nats.',
    equation: '(16)',
    values: values.entropyValues,
  },
  positiveWeight: {
    id: 'positiveWeight',
    symbol: mi('λ'),
    title: 'Positive-advantage weight',
    meaning:
      'Multiplies the advantages above 0 and leaves the others alone. 1 is GRPO; at 0 the policy learns from its mistakes only.',
    equation: '(26); its schedules (27) to (29)',
    values: values.positiveWeightValues,
  },
  negativeWeight: {
    id: 'negativeWeight',
    symbol: msub(mi('w'), mo('−')),
    title: 'Negative-advantage weight',
    meaning: 'The same for advantages below 0. At 0 the policy learns from its successes only.',
    equation: '(26)',
    values: values.negativeWeightValues,
  },
  advantage: {
    id: 'advantage',
    symbol: mi('A'),
    title: 'Advantage',
    meaning:
      'How much better the response was than its group. Every token of a response has the same; in a group of equal rewards it is 0.',
    equation: '(22) to (25)',
    values: values.advantageValues,
  },
} as const satisfies Readonly<Record<string, Term>>;

export type TermId = keyof typeof TERMS;

/** A line of the formula: terms to look at, and what stands between them. */
export type Piece = TermId | { readonly between: ReactNode };

const between = (...parts: ReactNode[]): Piece => ({ between: math(...parts) });
const word = (text: string): Piece => ({ between: text });

const comma = mo(',');
const [open, close] = [mo('('), mo(')')];
const weighted = mi('A′');

/** The loss of `ppo-clip` with both weights, KL term and entropy bonus; pieces that belong together stay on one line. */
export const LINES: readonly (readonly (readonly Piece[])[])[] = [
  [
    ['loss', between(mo('='), mo('∑')), 'share', between(mo('['), mo('−'))],
    ['minimum', between(open), 'ratio', between(weighted, thin(), comma)],
    [
      'clamp',
      between(open, mi('r'), comma),
      'low',
      between(comma),
      'high',
      between(close, thin(), weighted, thin(), close),
    ],
    [between(mo('+')), 'klCoefficient', 'kl'],
    [between(mo('−')), 'entropyCoefficient', 'entropy', between(mo(']'))],
  ],
  [
    ['weighted', between(mo('='))],
    ['positiveWeight', 'advantage', word('where'), between(mi('A'), mo('>'), mn('0')), word('and')],
    ['negativeWeight', between(mi('A')), word('where'), between(mi('A'), mo('<'), mn('0'))],
    [between(mi('r'), mo('='), mi('p'), mo('/')), 'behaviour'],
  ],
];

/** The values of a term, read now. */
export function valuesOf(id: TermId, readings: Readings): readonly Value[] {
  const term: Term = TERMS[id];
  return term.values(readings);
}
