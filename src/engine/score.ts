import {
  answerFrequency,
  calibration,
  sequenceConfidence,
  sequenceProbability,
  type ReliabilityBin,
} from '../rl/calibration';
import {
  answerEntropy,
  distinct,
  distinctCorrect,
  distinctN,
  majorityCorrect,
  selfBleu,
} from '../rl/diversity';
import { meanPassAtK } from '../rl/pass_at_k';
import { mean } from '../rl/statistics';
import type { Task } from '../tasks/task';
import type { Response } from './responses';

/** A policy on a set of prompts. Keys are those of summary.json. */
export interface Evaluation {
  readonly prompts: number;
  /** Responses to each prompt: the k of pass_at_k, maj_at_k and avg_at_k. */
  readonly samples: number;
  /** Nats, mean over response tokens at the sampling temperature. */
  readonly entropy: number;
  readonly pass_at_1: number;
  readonly pass_at_k: number;
  /** Null for tasks whose responses have no single answer to vote on. */
  readonly maj_at_k: number | null;
  /** Different responses, and different correct ones, per prompt. */
  readonly distinct: number;
  readonly distinct_correct: number;
  /** Confidence: exp of the mean token logprob; 10 bins. */
  readonly ece: number;
  readonly brier: number;
  readonly response_length: number;
  /** Null with fewer samples. */
  readonly pass_at_2: number | null;
  readonly pass_at_4: number | null;
  readonly pass_at_8: number | null;
  /** Mean correctness; the same number as pass_at_1, under the name papers report it by. */
  readonly avg_at_k: number;
  /** Different n-grams per n-gram, mean over prompts with a response of n tokens; null where there is none. */
  readonly distinct_1: number | null;
  readonly distinct_2: number | null;
  readonly distinct_3: number | null;
  /** Mean over prompts; null of one sample. */
  readonly self_bleu: number | null;
  /** Nats, mean over prompts with an answer; null where there is none. */
  readonly answer_entropy: number | null;
  /** Confidence: the probability of the whole response. */
  readonly ece_sequence: number;
  readonly brier_sequence: number;
  /** Confidence: the share of responses with the same answer; null where no response has one. */
  readonly ece_answer: number | null;
  readonly brier_answer: number | null;
  /** The bars behind ece. */
  readonly reliability: readonly ReliabilityBin[];
  /** [k, pass@k] for k = 1, 2, 4, ... up to the samples. */
  readonly pass_curve: readonly (readonly [k: number, pass: number])[];
}

/** A response with the index of its prompt. */
export interface SampledResponse extends Response {
  readonly prompt: number;
}

/** Scores `samples` responses to each prompt; neither may be none. */
export function score(
  task: Task,
  prompts: readonly (readonly number[])[],
  samples: number,
  responses: readonly SampledResponse[],
): Evaluation {
  const groups = prompts.map((prompt, p) => {
    const own = responses.filter((response) => response.prompt === p);
    const tokens = own.map((response) => response.tokens);
    const correct = tokens.map((response) => task.verify(prompt, response).reward > 0);
    const answers = tokens.map((response) => task.answer(prompt, response));
    return { own, tokens, correct, answers };
  });
  const correct = groups.flatMap((group) => group.correct);
  const counts = groups.map((group) => group.correct.filter(Boolean).length);
  const entropies = responses.flatMap((response) => Array.from(response.entropy));
  const logprobs = groups.flatMap(({ own }) => own.map(({ logprob }) => logprob));
  const main = calibration(logprobs.map(sequenceConfidence), correct);
  const sequence = calibration(logprobs.map(sequenceProbability), correct);
  const votes = groups.some(({ answers }) => answers.some((answer) => answer !== null));
  const answer = votes
    ? calibration(
        groups.flatMap(({ answers }) => answerFrequency(answers)),
        correct,
      )
    : null;
  const passAt = (k: number) => (k > samples ? null : meanPassAtK(samples, counts, k));
  const distinctOf = (n: number) => meanOfKnown(groups.map(({ tokens }) => distinctN(tokens, n)));
  return {
    prompts: prompts.length,
    samples,
    entropy: mean(entropies),
    pass_at_1: mean(correct.map(Number)),
    pass_at_k: meanPassAtK(samples, counts, samples),
    maj_at_k: votes
      ? mean(groups.map((group) => majorityCorrect(group.answers, group.correct)))
      : null,
    distinct: mean(groups.map((group) => distinct(group.tokens))),
    distinct_correct: mean(groups.map((group) => distinctCorrect(group.tokens, group.correct))),
    ece: main.ece,
    brier: main.brier,
    response_length: mean(responses.map((response) => response.tokens.length)),
    pass_at_2: passAt(2),
    pass_at_4: passAt(4),
    pass_at_8: passAt(8),
    avg_at_k: mean(correct.map(Number)),
    distinct_1: distinctOf(1),
    distinct_2: distinctOf(2),
    distinct_3: distinctOf(3),
    self_bleu: meanOfKnown(groups.map(({ tokens }) => selfBleu(tokens))),
    answer_entropy: meanOfKnown(groups.map(({ answers }) => answerEntropy(answers))),
    ece_sequence: sequence.ece,
    brier_sequence: sequence.brier,
    ece_answer: answer?.ece ?? null,
    brier_answer: answer?.brier ?? null,
    reliability: main.bins,
    pass_curve: doublings(samples).map((k) => [k, meanPassAtK(samples, counts, k)]),
  };
}

/** Mean of what is known; null where nothing is. */
function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
}

/** 1, 2, 4, ... up to `most`. */
function doublings(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
}
