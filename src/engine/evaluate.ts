import type { RunSettings } from '../gpu/run_settings';
import type { TransformerRuns } from '../gpu/transformer/runs';
import { calibration, sequenceConfidence } from '../rl/calibration';
import { distinct, distinctCorrect, majorityCorrect } from '../rl/diversity';
import { meanPassAtK } from '../rl/pass_at_k';
import { STREAMS } from '../rl/random';
import { mean } from '../rl/statistics';
import { threefry2x32 } from '../rl/threefry';
import type { Task } from '../tasks/task';
import { placePrompts, responseAt, type Response } from './responses';

/** A policy on held-out prompts. Keys are those of summary.json. */
export interface Evaluation {
  readonly prompts: number;
  /** Responses to each prompt: the k of pass_at_k and maj_at_k. */
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
}

export interface EvaluationRequest {
  readonly task: Task;
  readonly samples: number;
  /** One for each run; all with equally many prompts. */
  readonly runs: readonly {
    readonly seed: number;
    readonly temperature: number;
    readonly prompts: readonly (readonly number[])[];
  }[];
}

interface Sampled extends Response {
  readonly prompt: number;
}

/**
 * Samples every prompt `samples` times with each run's policy and scores the responses. The draws depend on (seed,
 * prompt, sample) only: not on the batch they come in, and not on how often one evaluates.
 */
export async function evaluate(
  runs: TransformerRuns,
  request: EvaluationRequest,
): Promise<Evaluation[]> {
  const { task, samples } = request;
  const { rows, length } = runs.shape;
  const total = (request.runs[0]?.prompts.length ?? 0) * samples;
  const sampled: Sampled[][] = request.runs.map(() => []);
  const settings = request.runs.map(({ seed, temperature }) =>
    generationSettings(seed, temperature),
  );
  const promptLengths = new Uint32Array(request.runs.length * rows).fill(task.promptLength);

  for (let first = 0; first < total; first += rows) {
    const grid = new Uint32Array(request.runs.length * rows * length);
    // The last batch is filled up with its first prompt; those responses are not looked at.
    request.runs.forEach(({ prompts }, run) => {
      const batch = Array.from({ length: rows }, (_, b) => {
        const at = first + b < total ? first + b : first;
        return prompts[Math.floor(at / samples)] ?? [];
      });
      placePrompts(grid, length, run * rows, batch);
    });
    runs.writePrompts(grid, promptLengths);
    runs.writeSettings(settings.map((row) => ({ ...row, first_row: first })));
    runs.generate();
    const readback = await runs.readRollouts();
    sampled.forEach((responses, run) => {
      for (let b = 0; b < rows && first + b < total; b++) {
        responses.push({
          ...responseAt(readback, task, run * rows + b, length),
          prompt: Math.floor((first + b) / samples),
        });
      }
    });
  }
  return request.runs.map(({ prompts }, run) => score(task, prompts, samples, sampled[run] ?? []));
}

/** Settings of a rollout batch that no update follows. */
export function generationSettings(seed: number, temperature: number): RunSettings {
  const [key0, key1] = threefry2x32(seed, STREAMS.evaluation, 0, 0);
  return {
    temperature,
    clip_low: 0,
    clip_high: 0,
    dual_clip: 0,
    positive_weight: 1,
    negative_weight: 1,
    entropy_coef: 0,
    kl_coef: 0,
    objective: 0,
    aggregation: 0,
    aggregation_constant: 1,
    token_count: 1,
    learning_rate: 0,
    beta1: 0,
    beta2: 0,
    adam_eps: 1,
    weight_decay: 0,
    max_grad_norm: 0,
    bias_correction1: 1,
    bias_correction2: 1,
    greedy: 0,
    key0,
    key1,
    first_row: 0,
  };
}

function score(
  task: Task,
  prompts: readonly (readonly number[])[],
  samples: number,
  responses: readonly Sampled[],
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
  const { ece, brier } = calibration(
    groups.flatMap(({ own }) => own.map(({ logprob }) => sequenceConfidence(logprob))),
    correct,
  );
  const votes = groups.some(({ answers }) => answers.some((answer) => answer !== null));
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
    ece,
    brier,
    response_length: mean(responses.map((response) => response.tokens.length)),
  };
}
