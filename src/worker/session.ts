import type { Lockstep, LockstepMetrics } from '../engine/lockstep';
import type { LiveSetting } from '../recipe/live';
import { RlvrError, type Failure } from '../errors/failure';
import { groupView } from './group_view';
import type { NamedRun, Event } from './protocol';

/** Milliseconds between two rollout panels: people read them, charts do not need them. */
const SHOW_EVERY = 250;

/** One prepared experiment in the worker: runs, pauses, steps, and tells the page what happens. */
export class Session {
  #running = false;
  /** The loop that is going on, if any; commands that need it to be over wait for it. */
  #loop: Promise<void> = Promise.resolve();
  #shown = -Infinity;
  #closed = false;

  constructor(
    private readonly number: number,
    private readonly runs: readonly NamedRun[],
    private readonly lockstep: Lockstep,
    private readonly post: (event: Event) => void,
  ) {}

  get #steps(): number {
    return Math.max(...this.runs.map(({ recipe }) => recipe.steps));
  }

  /** The base policies' answers to the first prompts, before anything is trained. */
  async showBase(): Promise<void> {
    const shown = this.#loop.then(() => this.lockstep.preview());
    // Commands that come meanwhile wait: the engine reads back one thing at a time.
    this.#loop = shown.catch(() => undefined);
    await shown;
    this.#showRollouts(0);
  }

  run(): void {
    if (this.#running || this.#closed) return;
    this.#running = true;
    this.post({ type: 'running', session: this.number });
    this.#enqueue(async () => {
      while (this.#running && this.lockstep.step < this.#steps) await this.#advance();
      this.#running = false;
      await this.#settle();
    });
  }

  pause(): void {
    this.#running = false;
  }

  step(): void {
    if (this.#running || this.#closed) return;
    this.#enqueue(async () => {
      if (this.#closed) return;
      if (this.lockstep.step < this.#steps) await this.#advance();
      await this.#settle();
    });
  }

  set(run: string, setting: LiveSetting, value: number | null): void {
    const index = this.runs.findIndex(({ id }) => id === run);
    if (index < 0 || this.#closed) return;
    const step = this.lockstep.set(index, setting, value);
    this.post({ type: 'applied', session: this.number, run, setting, value, step });
  }

  /** Stops and frees the GPU memory. */
  async close(): Promise<void> {
    this.#running = false;
    this.#closed = true;
    await this.#loop;
    this.lockstep.destroy();
  }

  #enqueue(work: () => Promise<void>): void {
    this.#loop = this.#loop.then(work).catch((error: unknown) => {
      this.#running = false;
      if (!this.#closed)
        this.post({ type: 'failed', session: this.number, failure: failureOf(error) });
    });
  }

  async #advance(): Promise<void> {
    this.#report(await this.lockstep.next());
    if (this.lockstep.diverged) this.#running = false;
    if (performance.now() - this.#shown > SHOW_EVERY) this.#showRollouts(this.lockstep.step);
  }

  /** Brings the last step's metrics and says where we stand. */
  async #settle(): Promise<void> {
    this.#report(await this.lockstep.flush());
    this.#showRollouts(this.lockstep.step);
    // `run` came while a step was settling: its loop is next in line and will say how it ended.
    if (this.#running) return;
    const { step } = this.lockstep;
    const { diverged } = this.lockstep;
    const type = step >= this.#steps ? 'finished' : 'paused';
    this.post({ type, session: this.number, step });
    if (diverged) this.post({ type: 'failed', session: this.number, failure: diverged });
  }

  #report(completed: readonly LockstepMetrics[]): void {
    const [first] = completed;
    if (!first) return;
    const runs = Object.fromEntries(
      completed.map(({ index, metrics }) => [this.runs[index]?.id ?? '', metrics]),
    );
    this.post({ type: 'metrics', session: this.number, step: first.metrics.step, runs });
  }

  #showRollouts(step: number): void {
    this.#shown = performance.now();
    const groups = this.runs.flatMap((run, index) => {
      const batch = this.lockstep.batch(index);
      return batch ? [groupView(run, this.lockstep.task(index), batch, step)] : [];
    });
    this.post({ type: 'rollouts', session: this.number, groups });
  }
}

/** Whatever was thrown, as one of the failures the page can explain. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RlvrError) return error.failure;
  return { kind: 'bug', detail: error instanceof Error ? error.message : String(error) };
}
