import { decimal, percent } from '../format';

/** A measure of an evaluation, as a table and a chart show it. */
export interface EvaluationMeasure {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** What it is and which way is better, in a sentence. After docs/metrics.md. */
  readonly help: string;
  readonly format: (value: number) => string;
}

const two = (value: number) => decimal(value, 2);
const three = (value: number) => decimal(value, 3);

/** What the page shows of an evaluation, in order. */
export const EVALUATION_MEASURES: readonly EvaluationMeasure[] = [
  {
    key: 'pass_at_1',
    title: 'pass@1',
    unit: 'share of responses',
    help: 'Share of responses to held-out prompts that are right.',
    format: percent,
  },
  {
    key: 'pass_at_k',
    title: 'pass@k',
    unit: 'share of prompts',
    help: 'Share of held-out prompts that at least one of k responses solves. It falls when the policy gives up ways that were right.',
    format: percent,
  },
  {
    key: 'maj_at_k',
    title: 'majority@k',
    unit: 'share of prompts',
    help: 'Share of prompts whose most frequent answer is right. Only for tasks with one answer.',
    format: percent,
  },
  {
    key: 'entropy',
    title: 'entropy',
    unit: 'nats',
    help: 'Mean over response tokens, on held-out prompts.',
    format: three,
  },
  {
    key: 'distinct',
    title: 'different responses',
    unit: 'responses a prompt',
    help: 'Different responses to a prompt among all that were drawn.',
    format: two,
  },
  {
    key: 'distinct_correct',
    title: 'different correct',
    unit: 'responses a prompt',
    help: 'Different responses to a prompt that are right: what is left of the ways to solve it.',
    format: two,
  },
  {
    key: 'ece',
    title: 'calibration error',
    unit: 'share',
    help: 'Mean distance between how sure the policy is and how often it is right. 0 is perfect; a collapsed policy that errs is sure of it.',
    format: three,
  },
  {
    key: 'brier',
    title: 'Brier score',
    unit: '',
    help: 'Mean squared distance between confidence and outcome. Lower is better.',
    format: three,
  },
  {
    key: 'response_length',
    title: 'length',
    unit: 'tokens',
    help: 'Tokens of a response, the end included.',
    format: two,
  },
];
