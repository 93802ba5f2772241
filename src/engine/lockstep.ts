import { RlvrError, type Failure } from '../errors/failure';
import type { Gpu } from '../gpu/device';
import type { LiveSetting } from '../recipe/live';
import type { MeasureKind } from '../recipe/measure';
import type { Recipe } from '../recipe/recipe';
import type { StepMetrics } from '../rl/metrics';
import type { Tensor } from '../model/spec';
import type { Task } from '../tasks/task';
import type { Batch } from './batch';
import type { Measurement } from './diagnose/measure';
import type { Evaluation } from './evaluate';
import type { InspectedResponse } from './inspect';
import type { ShapeRuns } from './kernel_report';
import { groupByShape, type RunSpec } from './run_spec';
import { Trainer } from './trainer';
import type { SavedRun, TrainerState } from './trainer_state';

/** The metrics of one run at one completed step; `index` is the run's place in the list the lockstep was made from. */
export interface LockstepMetrics {
  readonly index: number;
  readonly metrics: StepMetrics;
}

interface Member {
  readonly trainer: Trainer;
  readonly run: number;
}

/** Runs of any shapes, a step at a time together: one trainer for each shape. */
export class Lockstep {
  readonly specs: readonly RunSpec[];
  readonly #trainers: readonly Trainer[];
  readonly #members: readonly Member[];

  /** `progress` counts compiled kernels over all shapes. */
  static async create(
    gpu: Gpu,
    specs: readonly RunSpec[],
    progress: (done: number, total: number) => void = () => undefined,
  ): Promise<Lockstep> {
    const groups = groupByShape(specs);
    const trainers: Trainer[] = [];
    const members = new Map<RunSpec, Member>();
    try {
      for (const [g, group] of groups.entries()) {
        const trainer = await Trainer.create(gpu, group, (done, total) =>
          progress(g * total + done, groups.length * total),
        );
        trainers.push(trainer);
        group.forEach((spec, run) => members.set(spec, { trainer, run }));
      }
    } catch (error) {
      for (const trainer of trainers) trainer.destroy();
      throw error;
    }
    return new Lockstep(
      specs,
      trainers,
      specs.map((spec) => {
        const member = members.get(spec);
        if (!member) throw new Error('a run belongs to no trainer');
        return member;
      }),
    );
  }

  private constructor(
    specs: readonly RunSpec[],
    trainers: readonly Trainer[],
    members: readonly Member[],
  ) {
    this.specs = specs;
    this.#trainers = trainers;
    this.#members = members;
  }

  /** Steps begun by all runs. */
  get step(): number {
    return Math.min(...this.#trainers.map(({ step }) => step));
  }

  /** Why training should end: the first run that diverged; null while all are well. */
  get diverged(): Failure | null {
    return this.#trainers.find(({ diverged }) => diverged !== null)?.diverged ?? null;
  }

  /** The runs of each shape, with the specs that share it, their recipes as they are now. */
  get shapes(): readonly ShapeRuns[] {
    return this.#trainers.map((trainer) => ({
      runs: trainer.runs,
      specs: this.specs.flatMap((spec, index) =>
        this.#member(index).trainer === trainer ? [{ ...spec, recipe: this.recipe(index) }] : [],
      ),
    }));
  }

  get bytes(): number {
    return this.#trainers.reduce((sum, { runs }) => sum + runs.bytes, 0);
  }

  /** One step of every run; returns what has completed meanwhile (the step before). */
  async next(): Promise<LockstepMetrics[]> {
    const completed: LockstepMetrics[] = [];
    for (const trainer of this.#trainers)
      completed.push(...this.#label(trainer, await trainer.next()));
    return completed.sort((a, b) => a.index - b.index);
  }

  /** Waits for the updates of the last step. */
  async flush(): Promise<LockstepMetrics[]> {
    const completed: LockstepMetrics[] = [];
    for (const trainer of this.#trainers)
      completed.push(...this.#label(trainer, await trainer.flush()));
    return completed.sort((a, b) => a.index - b.index);
  }

  async evaluate(
    prompts: number,
    samples: number,
    on: 'train' | 'heldOut' = 'heldOut',
  ): Promise<Evaluation[]> {
    return this.#fromEach((trainer) => trainer.evaluate(prompts, samples, on));
  }

  /** Call after `flush`. */
  async measure(kind: MeasureKind, prompts: number, samples: number): Promise<Measurement[]> {
    return this.#fromEach((trainer) => trainer.measure(kind, prompts, samples));
  }

  /** Rollouts of the current policies on the next prompts, without training. */
  async preview(): Promise<void> {
    for (const trainer of this.#trainers) await trainer.preview();
  }

  /** The last rollout batch of a run; undefined before the first. */
  batch(index: number): Batch | undefined {
    const { trainer, run } = this.#member(index);
    return trainer.batches[run];
  }

  /** The last responses of a run to one of its prompts, before and after the updates. Call after `flush`. */
  async inspect(index: number, prompt: number): Promise<InspectedResponse[]> {
    const { trainer, run } = this.#member(index);
    return trainer.inspect(run, prompt);
  }

  task(index: number): Task {
    return this.#member(index).trainer.task;
  }

  recipe(index: number): Recipe {
    const { trainer, run } = this.#member(index);
    return trainer.recipe(run);
  }

  /** Returns the step whose updates will be the first to use the value. */
  set(index: number, setting: LiveSetting, value: number | null): number {
    const { trainer, run } = this.#member(index);
    return trainer.set(run, setting, value);
  }

  async weights(index: number): Promise<Map<string, Tensor>> {
    const { trainer, run } = this.#member(index);
    return trainer.weights(run);
  }

  /** Call after `flush`. */
  async save(): Promise<TrainerState[]> {
    const states: TrainerState[] = [];
    for (const trainer of this.#trainers) states.push(await trainer.save());
    return states;
  }

  /** Continues from what `save` gave. Throws RlvrError `badInput` when it was saved by other runs. */
  restore(states: readonly TrainerState[]): void {
    const fits =
      states.length === this.#trainers.length &&
      states.every((state, t) => this.#trainers[t]?.accepts(state));
    if (!fits) {
      throw new RlvrError({
        kind: 'badInput',
        field: 'checkpoint',
        detail: 'it was saved by another experiment: the arms, seeds or shapes differ',
      });
    }
    states.forEach((state, t) => this.#trainers[t]?.restore(state));
  }

  /** The state of every run, in the order of the specs. Call after `flush`. */
  async saveRuns(): Promise<{ readonly step: number; readonly runs: readonly SavedRun[] }> {
    const states = new Map(zip(this.#trainers, await this.save()));
    const runs = this.#members.map(({ trainer, run }) => {
      const saved = states.get(trainer)?.runs[run];
      if (saved === undefined) throw new Error('a run was not saved');
      return saved;
    });
    return { step: this.step, runs };
  }

  /**
   * Continues every run after `step` from a state, each with its own recipe. A state may be another run's, of other
   * settings and another shape: so a fork begins. Throws RlvrError `badInput` unless the policies are the same.
   */
  restoreRuns(step: number, states: readonly SavedRun[]): void {
    const misfit = this.#members.findIndex(({ trainer, run }, index) => {
      const state = states[index];
      return state === undefined || !trainer.holds(run, state);
    });
    if (misfit >= 0 || states.length !== this.#members.length) {
      const arm = this.specs[misfit]?.arm ?? '';
      throw new RlvrError({
        kind: 'badInput',
        field: 'checkpoint',
        detail: `it holds no state that arm "${arm}" can go on from: the task or the base policy differs`,
      });
    }
    for (const trainer of this.#trainers) {
      const own = zip(this.#members, states).filter(([member]) => member.trainer === trainer);
      own.sort(([a], [b]) => a.run - b.run);
      trainer.restoreRuns({ step, runs: own.map(([, state]) => state) });
    }
  }

  destroy(): void {
    for (const trainer of this.#trainers) trainer.destroy();
  }

  /** One result per run of every trainer, in the order of the specs. */
  async #fromEach<T>(ask: (trainer: Trainer) => Promise<T[]>): Promise<T[]> {
    const results = new Map<Trainer, T[]>();
    for (const trainer of this.#trainers) results.set(trainer, await ask(trainer));
    return this.#members.map(({ trainer, run }) => {
      const result = results.get(trainer)?.[run];
      if (result === undefined) throw new Error('a result lacks a run');
      return result;
    });
  }

  #member(index: number): Member {
    const member = this.#members[index];
    if (!member) throw new Error(`no run ${index}`);
    return member;
  }

  #label(trainer: Trainer, completed: Awaited<ReturnType<Trainer['next']>>): LockstepMetrics[] {
    return completed.map(({ run, metrics }) => ({
      index: this.#members.findIndex((member) => member.trainer === trainer && member.run === run),
      metrics,
    }));
  }
}

/** Pairs of two lists of one length. */
function zip<A, B>(first: readonly A[], second: readonly B[]): (readonly [A, B])[] {
  return first.flatMap((a, i) => {
    const b = second[i];
    return b === undefined ? [] : [[a, b] as const];
  });
}
