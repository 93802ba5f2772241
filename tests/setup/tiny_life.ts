import { Lockstep } from '../../src/engine/lockstep';
import type { Failure } from '../../src/errors/failure';
import { requestGpu, type Gpu } from '../../src/gpu/device';
import { initialWeights } from '../../src/model/init';
import type { Policy } from '../../src/model/policy';
import type { ModelSpec } from '../../src/model/spec';
import type { Recipe } from '../../src/recipe/recipe';
import { completeRecipe } from '../../src/recipe/schema';
import type { StepMetrics } from '../../src/rl/metrics';
import { taskNamed } from '../../src/tasks/registry';
import type { Event, NamedRun } from '../../src/worker/protocol';
import { Session } from '../../src/worker/session';

const TASK = taskNamed('maze-small');

export const TINY: ModelSpec = {
  ...{ vocab_size: TASK.vocabulary.length, hidden_size: 8, intermediate_size: 8 },
  ...{ num_hidden_layers: 1, num_attention_heads: 2, num_key_value_heads: 1 },
  ...{ max_position_embeddings: TASK.promptLength + TASK.maxResponse },
  ...{ rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true },
};

/** A policy that has learnt nothing: a step of it takes milliseconds. */
export const tinyPolicy: Policy = {
  ...{ spec: TINY, weights: initialWeights(TINY, 1), task: TASK.name },
  ...{ vocabulary: TASK.vocabulary, made: {} },
};

export function tinyRun(changes: Partial<Recipe> = {}): NamedRun {
  const recipe = completeRecipe({
    ...{ task: TASK.name, policy: TASK.name, prompts_per_step: 2, group_size: 4 },
    ...{ minibatches: 1, epochs: 1, train_prompts: 16, steps: 100_000 },
    // It solves next to nothing: without this most steps would change no weight.
    entropy_coef: 0.01,
    ...changes,
  });
  if (!recipe.ok) throw new Error(recipe.problems[0]?.message);
  return { id: 'a', name: 'a', recipe: recipe.value };
}

const RUN = tinyRun();

export const specOf = ({ name, recipe }: NamedRun, policy = tinyPolicy) => ({
  ...{ arm: name, recipe, policy },
});

/**
 * One run as the worker keeps it alive: a device, and a session that trains a step when asked. When it has failed it
 * is begun again from its last save, on a new device where the old one is lost, as the page does.
 */
export class TinyLife {
  /** Of every completed step; one that is trained again takes its own place. */
  readonly metrics: StepMetrics[] = [];
  /** What WebGPU said that nothing was waiting for. */
  readonly uncaptured: string[] = [];
  #gpu: Gpu | null = null;
  #session: Session | null = null;
  lockstep: Lockstep | null = null;
  #saved: Uint8Array<ArrayBuffer> | null = null;
  #heard: (event: Event) => void = () => undefined;
  #sessions = 0;

  async gpu(): Promise<Gpu> {
    if (this.#gpu) return this.#gpu;
    const found = { ...(await requestGpu(navigator.gpu)), pollsBusily: true };
    found.device.addEventListener('uncapturederror', ({ error }) => {
      this.uncaptured.push(error.message);
    });
    void found.device.lost.then(() => {
      if (this.#gpu === found) this.#gpu = null;
    });
    return (this.#gpu = found);
  }

  /** The bytes of its last save. */
  get saved(): Uint8Array<ArrayBuffer> {
    if (this.#saved === null) throw new Error('nothing was saved');
    return this.#saved;
  }

  /** Begins a session, from the last save where there is one. */
  async begin(): Promise<void> {
    this.lockstep = await Lockstep.create(await this.gpu(), [specOf(RUN)]);
    this.#session = new Session(++this.#sessions, [RUN], this.lockstep, (event) => {
      this.#keep(event);
      this.#heard(event);
    });
    if (this.#saved) this.#session.continueFrom({ bytes: this.#saved, of: {}, missing: [] });
  }

  /** One step and its save. */
  async step(): Promise<void> {
    const stopped = this.#until('paused');
    this.#session?.step();
    await stopped;
  }

  /** Trains until `meanwhile`, called after the first step of it, has made it fail; then the session is over. */
  async failing(meanwhile: () => void): Promise<Failure> {
    const failed = this.#until('failed');
    const trained = this.#until('metrics');
    this.#session?.run();
    if ((await Promise.race([trained, failed])).type === 'metrics') meanwhile();
    const { failure } = await failed;
    await this.end();
    return failure;
  }

  /** Trains, and ends in the middle of it. */
  async abort(): Promise<void> {
    const trained = this.#until('metrics');
    this.#session?.run();
    await trained;
    await this.end();
  }

  async end(): Promise<void> {
    await this.#session?.close();
    this.#session = null;
    this.lockstep = null;
  }

  #listeners: ((event: Event) => void)[] = [];

  #until<T extends Event['type']>(type: T): Promise<Extract<Event, { type: T }>> {
    return new Promise((resolve) => {
      const listener = (event: Event) => {
        if (event.type !== type) return;
        this.#listeners = this.#listeners.filter((other) => other !== listener);
        resolve(event as Extract<Event, { type: T }>);
      };
      this.#listeners.push(listener);
      this.#heard = (event) => [...this.#listeners].forEach((each) => each(event));
    });
  }

  #keep(event: Event): void {
    if (event.type === 'saved') this.#saved = event.bytes;
    if (event.type === 'metrics') this.metrics[event.step - 1] = event.runs['a'];
  }
}
