import { NEUTRAL, type RunSettings } from '../gpu/run_settings';
import type { TransformerRuns } from '../gpu/transformer/runs';
import { STREAMS } from '../rl/random';
import { threefry2x32 } from '../rl/threefry';
import type { Task } from '../tasks/task';
import { placePrompts, responseAt, type Frame } from './responses';
import { score, type Evaluation, type SampledResponse } from './score';

export type { Evaluation } from './score';

export interface SamplingRequest {
  readonly task: Frame;
  readonly samples: number;
  /** One for each run; all with equally many prompts. */
  readonly runs: readonly {
    readonly seed: number;
    readonly temperature: number;
    readonly prompts: readonly (readonly number[])[];
  }[];
}

export interface EvaluationRequest extends SamplingRequest {
  readonly task: Task;
}

/** Samples every prompt `samples` times with each run's policy and scores the responses. */
export async function evaluate(
  runs: TransformerRuns,
  request: EvaluationRequest,
): Promise<Evaluation[]> {
  const sampled = await sampleResponses(runs, request);
  return request.runs.map(({ prompts }, run) =>
    score(request.task, prompts, request.samples, sampled[run] ?? []),
  );
}

/**
 * Responses of each run's policy to its prompts, `samples` to each. The draws depend on (seed, prompt, sample) only: not
 * on the batch they come in, and not on how often one samples.
 */
export async function sampleResponses(
  runs: TransformerRuns,
  request: SamplingRequest,
): Promise<SampledResponse[][]> {
  const { task, samples } = request;
  const { rows, length } = runs.shape;
  const total = (request.runs[0]?.prompts.length ?? 0) * samples;
  const sampled: SampledResponse[][] = request.runs.map(() => []);
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
    await runs.generate();
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
  return sampled;
}

/** Settings of a rollout batch that no update follows. */
export function generationSettings(seed: number, temperature: number): RunSettings {
  const [key0, key1] = threefry2x32(seed, STREAMS.evaluation, 0, 0);
  return { ...NEUTRAL, temperature, key0, key1 };
}
