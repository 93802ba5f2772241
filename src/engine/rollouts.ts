import type { TransformerRuns } from '../gpu/transformer/runs';
import { PLANE } from '../gpu/transformer/rollout_buffers';
import type { StepReadback } from '../gpu/transformer/shapes';
import { STREAMS } from '../rl/random';
import { threefry2x32 } from '../rl/threefry';
import type { Task } from '../tasks/task';
import {
  batchIndex,
  batchOf,
  isEven,
  promptsOfStep,
  replaceEven,
  scoreGroups,
  type Batch,
  type Group,
} from './batch';
import { generationSettings } from './evaluate';
import { placePrompts } from './responses';
import type { RunState } from './trainer_state';

/** Draws the rollouts of the runs of one trainer and keeps what is on the GPU and on the CPU alike. */
export class Rollouts {
  readonly #task: Task;
  readonly #runs: TransformerRuns;
  readonly #states: readonly RunState[];
  readonly #grid: Uint32Array<ArrayBuffer>;
  readonly #plane: Float32Array<ArrayBuffer>;
  readonly #promptLengths: Uint32Array;

  constructor(task: Task, runs: TransformerRuns, states: readonly RunState[]) {
    this.#task = task;
    this.#runs = runs;
    this.#states = states;
    const { rows, length } = runs.shape;
    this.#grid = new Uint32Array(states.length * rows * length);
    this.#plane = new Float32Array(states.length * rows * length);
    this.#promptLengths = new Uint32Array(states.length * rows).fill(task.promptLength);
  }

  /** Starts the rollouts of a step; `collect` scores what they bring. */
  async begin(step: number): Promise<void> {
    await this.#generate(step, 0);
  }

  /**
   * The batches of the rollouts that `readback` brought, on the CPU and with their advantages on the GPU. Where dynamic
   * sampling wants more, further rollouts are drawn and waited for, and the rows on the GPU are written anew.
   */
  async collect(readback: StepReadback, step: number): Promise<Batch[]> {
    const first = this.#score(readback, step, 0);
    const { groups: kept, drew } = await this.#resample(first, step);
    const batches = this.#states.map(({ recipe }, run) =>
      batchOf(recipe, first[run] ?? [], kept[run] ?? []),
    );
    // Every draw overwrites the rollouts of all runs on the GPU, those of runs that asked for none included.
    if (drew) this.#writeBack(batches);
    this.#writePlane(
      batches,
      PLANE.advantage,
      ({ advantage }) =>
        () =>
          advantage,
    );
    return batches;
  }

  #prompts(step: number, attempt: number): (readonly number[])[][] {
    return this.#states.map(({ recipe, prompts: { train } }) =>
      promptsOfStep(recipe, train, step, attempt),
    );
  }

  async #generate(step: number, attempt: number): Promise<void> {
    const { rows, length } = this.#runs.shape;
    this.#grid.fill(0);
    this.#prompts(step, attempt).forEach((prompts, run) => {
      const size = rows / prompts.length;
      const repeated = prompts.flatMap((prompt) => Array.from({ length: size }, () => prompt));
      placePrompts(this.#grid, length, run * rows, repeated);
    });
    this.#runs.writePrompts(this.#grid, this.#promptLengths);
    this.#runs.writeSettings(
      this.#states.map((state) => {
        const { seed } = state.recipe;
        // Groups that are drawn later join a batch whose temperature is settled, whatever has been set meanwhile.
        if (attempt === 0) state.sampledAt = state.recipe.temperature;
        const [key0, key1] = threefry2x32(seed, STREAMS.rollouts, step, attempt);
        return { ...generationSettings(seed, state.sampledAt), key0, key1 };
      }),
    );
    await this.#runs.generate();
  }

  #score(readback: StepReadback, step: number, attempt: number): Group[][] {
    return this.#prompts(step, attempt).map((prompts, run) => {
      const { recipe } = this.#state(run);
      const index = batchIndex(step, attempt);
      return scoreGroups(readback, this.#task, recipe, prompts, run, index);
    });
  }

  /** DAPO's dynamic sampling (arXiv:2503.14476, section 3.2): groups of equal rewards give way to others. */
  async #resample(
    first: readonly Group[][],
    step: number,
  ): Promise<{ readonly groups: Group[][]; readonly drew: boolean }> {
    let groups = first.map((own) => own.slice());
    const wants = (run: number, attempt: number) =>
      attempt <= this.#state(run).recipe.dynamic_sampling && (groups[run]?.some(isEven) ?? false);
    let attempt = 1;
    for (; groups.some((_, run) => wants(run, attempt)); attempt++) {
      await this.#generate(step, attempt);
      const fresh = this.#score(await this.#runs.readRollouts(), step, attempt);
      groups = groups.map((own, run) =>
        wants(run, attempt) ? replaceEven(own, fresh[run] ?? []) : own,
      );
    }
    return { groups, drew: attempt > 1 };
  }

  /** Writes tokens and log-probabilities of the batches where generation has left other ones. */
  #writeBack(batches: readonly Batch[]): void {
    const { rows, length } = this.#runs.shape;
    this.#grid.fill(this.#task.eos);
    batches.forEach(({ prompts, responses }, run) =>
      responses.forEach(({ tokens }, b) => {
        const prompt = prompts[Math.floor((b * prompts.length) / rows)] ?? [];
        this.#grid.set([...prompt, ...tokens], (run * rows + b) * length);
      }),
    );
    this.#runs.writePrompts(this.#grid, this.#promptLengths);
    this.#writePlane(
      batches,
      PLANE.logprob,
      ({ logprob }) =>
        (i) =>
          logprob[i] ?? 0,
    );
    this.#writePlane(
      batches,
      PLANE.entropy,
      ({ entropy }) =>
        (i) =>
          entropy[i] ?? 0,
    );
  }

  #writePlane(
    batches: readonly Batch[],
    plane: number,
    values: (response: Batch['responses'][number]) => (token: number) => number,
  ): void {
    const { rows, length } = this.#runs.shape;
    this.#plane.fill(0);
    batches.forEach(({ responses }, run) =>
      responses.forEach((response, b) => {
        const from = (run * rows + b) * length + this.#task.promptLength;
        const value = values(response);
        response.tokens.forEach((_, i) => (this.#plane[from + i] = value(i)));
      }),
    );
    this.#runs.writeRecord(plane, this.#plane);
  }

  #state(run: number): RunState {
    const state = this.#states[run];
    if (!state) throw new Error(`no run ${run}`);
    return state;
  }
}
