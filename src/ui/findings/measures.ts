import { decimal, percent } from '../format';

/** A measure of an evaluation, as a table and a chart show it. */
export interface EvaluationMeasure {
  readonly key: string;
  readonly group: MeasureGroup;
  readonly title: string;
  readonly unit: string;
  /** What it is and which way is better, in a sentence. After docs/metrics.md. */
  readonly help: string;
  readonly format: (value: number) => string;
}

const two = (value: number) => decimal(value, 2);
const three = (value: number) => decimal(value, 3);

/** What a measure is about. */
export type MeasureGroup = 'good' | 'diverse' | 'sure';

/** The questions that evaluations answer, in order. */
export const MEASURE_GROUPS: readonly { readonly group: MeasureGroup; readonly title: string }[] = [
  { group: 'good', title: 'How good' },
  { group: 'diverse', title: 'How diverse' },
  { group: 'sure', title: 'How sure' },
];

/** What the page shows of an evaluation, in order. */
export const EVALUATION_MEASURES: readonly EvaluationMeasure[] = [
  {
    key: 'pass_at_1',
    group: 'good',
    title: 'pass@1',
    unit: 'share of responses',
    help: 'Share of responses that are right.',
    format: percent,
  },
  {
    key: 'pass_at_k',
    group: 'good',
    title: 'pass@k',
    unit: 'share of prompts',
    help: 'Share of prompts that at least one of k responses solves. It falls when the policy gives up ways that were right.',
    format: percent,
  },
  {
    key: 'maj_at_k',
    group: 'good',
    title: 'majority@k',
    unit: 'share of prompts',
    help: 'Share of prompts whose most frequent answer is right. Only for tasks with one answer.',
    format: percent,
  },
  {
    key: 'response_length',
    group: 'good',
    title: 'length',
    unit: 'tokens',
    help: 'Tokens of a response, the end included.',
    format: two,
  },
  {
    key: 'entropy',
    group: 'diverse',
    title: 'entropy',
    unit: 'nats',
    help: 'Mean over response tokens, of the distribution each was drawn from.',
    format: three,
  },
  {
    key: 'distinct',
    group: 'diverse',
    title: 'different responses',
    unit: 'responses a prompt',
    help: 'Different responses to a prompt among all that were drawn.',
    format: two,
  },
  {
    key: 'distinct_correct',
    group: 'diverse',
    title: 'different correct',
    unit: 'responses a prompt',
    help: 'Different responses to a prompt that are right: what is left of the ways to solve it.',
    format: two,
  },
  {
    key: 'answer_entropy',
    group: 'diverse',
    title: 'entropy of answers',
    unit: 'nats',
    help: 'Entropy of the answers to a prompt, however they were written down. Only for tasks with one answer.',
    format: three,
  },
  {
    key: 'self_bleu',
    group: 'diverse',
    title: 'self-BLEU',
    unit: 'share',
    help: 'How much of a response the others to its prompt have too. Rises as entropy falls; 1 where all are the same.',
    format: three,
  },
  {
    key: 'distinct_1',
    group: 'diverse',
    title: 'distinct-1',
    unit: 'share',
    help: 'Different tokens for each token, over the responses to a prompt. Small vocabularies make it small from the start.',
    format: three,
  },
  {
    key: 'distinct_2',
    group: 'diverse',
    title: 'distinct-2',
    unit: 'share',
    help: 'Different pairs of neighbouring tokens for each pair.',
    format: three,
  },
  {
    key: 'distinct_3',
    group: 'diverse',
    title: 'distinct-3',
    unit: 'share',
    help: 'Different triples of neighbouring tokens for each triple.',
    format: three,
  },
  {
    key: 'ece',
    group: 'sure',
    title: 'calibration error',
    unit: 'share',
    help: 'Mean distance between how sure the policy is (mean probability of a token) and how often it is right. 0 is perfect; a collapsed policy that errs is sure of it.',
    format: three,
  },
  {
    key: 'brier',
    group: 'sure',
    title: 'Brier score',
    unit: 'squared share',
    help: 'Mean squared distance between that confidence and the outcome. Lower is better.',
    format: three,
  },
  {
    key: 'ece_sequence',
    group: 'sure',
    title: 'calibration error, whole response',
    unit: 'share',
    help: 'The same, where confidence is the probability of the whole response: a stricter one, lower for longer responses.',
    format: three,
  },
  {
    key: 'ece_answer',
    group: 'sure',
    title: 'calibration error, answer',
    unit: 'share',
    help: 'The same, where confidence is the share of responses with the same answer. Only for tasks with one answer.',
    format: three,
  },
];

/** The measure of that key; the first of all where there is none. */
export function measureNamed(key: string): EvaluationMeasure {
  const [first] = EVALUATION_MEASURES;
  const found = EVALUATION_MEASURES.find((measure) => measure.key === key) ?? first;
  if (found === undefined) throw new Error('an evaluation has measures');
  return found;
}
