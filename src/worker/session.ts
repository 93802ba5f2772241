import { readRuns, writeRuns } from '../engine/checkpoint';
import type { Lockstep, LockstepMetrics } from '../engine/lockstep';
import { isSound } from '../engine/trainer_state';
import type { LiveSetting } from '../recipe/live';
import type { Measure, MeasureKind } from '../recipe/measure';
import { RlvrError, type Failure } from '../errors/failure';
import { groupView } from './group_view';
import type { EvaluationPlan, Event, Found, From, NamedRun } from './protocol';
import { SaveClock } from '../engine/save_clock';

/** Milliseconds between two rollout panels: people read them, charts do not need them. */
const SHOW_EVERY = 250;
/** A close look may take one part in this many of the time: on a slow device it is taken less often. */
const LOOK_SHARE = 10;

/** What is found out on the way without anybody asking. */
export interface Plans {
  readonly evaluate?: EvaluationPlan | undefined;
  readonly measure?: Measure | undefined;
}

/** One prepared experiment in the worker: runs, pauses, steps, and tells the page what happens. */
export class Session {
  #running = false;
  /** The loop that is going on, if any; commands that need it to be over wait for it. */
  #loop: Promise<void> = Promise.resolve();
  /** When rollouts may be shown next, in performance.now() milliseconds. */
  #showAt = -Infinity;
  /** The run that is looked at closely, and the place in its batches of the prompt that is shown of every run. */
  #watched: { readonly run: number; readonly prompt: number } = { run: -1, prompt: 0 };
  #closed = false;
  #clock: SaveClock;
  /** An evaluation that was asked for while the runs train. */
  #asked: Pick<EvaluationPlan, 'prompts' | 'samples'> | null = null;
  /** The step after which the runs were last judged. */
  #evaluated = 0;
  /** The step after which the runs were last measured by plan; -1: never. */
  #measured = -1;
  readonly #evaluation: EvaluationPlan | null;
  #measure: Measure | null;

  constructor(
    private readonly number: number,
    private readonly runs: readonly NamedRun[],
    private readonly lockstep: Lockstep,
    private readonly post: (event: Event, transfer?: Transferable[]) => void,
    { evaluate, measure }: Plans = {},
  ) {
    this.#evaluation = evaluate ?? null;
    this.#measure = measure ?? null;
    this.#clock = new SaveClock(lockstep.step, this.#steps);
  }

  /** The runs of each shape, for what they ask of the GPU. */
  get shapes(): Lockstep['shapes'] {
    return this.#closed ? [] : this.lockstep.shapes;
  }

  get #steps(): number {
    return Math.max(...this.runs.map(({ recipe }) => recipe.steps));
  }

  /**
   * Takes every run up where it was saved, or where another one was that shares its policy. Call before anything else.
   * Throws RlvrError `badInput`.
   */
  continueFrom({ bytes, of, missing }: From): void {
    const { step, runs } = readRuns(bytes);
    const states = this.runs.flatMap(({ id }) => runs.get(of[id] ?? id) ?? []);
    this.lockstep.restoreRuns(step, states);
    this.#evaluated = missing.includes('evaluation') ? step - 1 : step;
    this.#measured = missing.includes('measurement') ? step - 1 : step;
    this.#clock = new SaveClock(step, this.#steps);
  }

  /** Says where the runs stand: at their beginning, or where they were taken up. */
  announce(): void {
    const { step } = this.lockstep;
    if (step === 0) this.post({ type: 'ready', session: this.number });
    else this.#tellStop(step);
  }

  /**
   * The base policies' answers to the first prompts, before anything is trained. Nothing of runs that were taken up later:
   * the page has kept what they last answered.
   */
  async showBase(): Promise<void> {
    if (this.lockstep.step > 0) return;
    const shown = this.#loop.then(async () => {
      await this.lockstep.preview();
      await this.#showRollouts(this.lockstep.step);
    });
    // Commands that come meanwhile wait: the engine reads back one thing at a time.
    this.#loop = shown.catch(() => undefined);
    await shown;
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

  /** Tells the state of all runs; while they train, after the step that is under way. */
  save(): void {
    if (this.#closed) return;
    if (this.#running) this.#clock.ask();
    else this.#enqueue(() => this.#save());
  }

  /** Judges every run on held-out prompts; while they train, after the step that is under way. */
  evaluate(prompts: number, samples: number): void {
    if (this.#closed) return;
    if (this.#running) this.#asked = { prompts, samples };
    else this.#enqueue(() => this.#evaluate(prompts, samples));
  }

  /** Measures every run as it stands. Nothing while they train. */
  measure(kind: MeasureKind, prompts: number, samples: number): void {
    if (this.#running || this.#closed) return;
    this.#enqueue(() => this.#measureKind(kind, prompts, samples));
  }

  /** What is measured on the way from now on; null: nothing but what is asked for. */
  plan(measure: Measure | null): void {
    this.#measure = measure;
  }

  set(run: string, setting: LiveSetting, value: number | null): void {
    const index = this.runs.findIndex(({ id }) => id === run);
    if (index < 0 || this.#closed) return;
    const step = this.lockstep.set(index, setting, value);
    this.post({ type: 'applied', session: this.number, run, setting, value, step });
  }

  /** Looks closely at a run from now on; while nothing trains, at its last rollouts at once. */
  watch(run: string, prompt: number): void {
    if (this.#closed) return;
    this.#watched = { run: this.runs.findIndex(({ id }) => id === run), prompt };
    if (this.#running) this.#showAt = -Infinity;
    else
      this.#enqueue(async () => {
        if (!this.#closed) await this.#showRollouts(this.lockstep.step);
      });
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
    // Of runs that were taken up again, what was lost with the device.
    await this.#evaluateIfDue();
    await this.#measureIfDue();
    this.#report(await this.lockstep.next());
    if (this.lockstep.diverged) this.#running = false;
    // A step after which the loop ends is shown when it has settled.
    if (!this.#running || this.lockstep.step >= this.#steps) return;
    await this.#evaluateIfDue();
    await this.#measureIfDue();
    if (this.#clock.isDue(this.lockstep.step)) {
      this.#report(await this.lockstep.flush());
      await this.#save();
    }
    if (performance.now() < this.#showAt) return;
    if (this.#watched.run >= 0) this.#report(await this.lockstep.flush());
    await this.#showRollouts(this.lockstep.step);
  }

  /** Brings the last step's metrics and says where we stand. */
  async #settle(): Promise<void> {
    this.#report(await this.lockstep.flush());
    await this.#showRollouts(this.lockstep.step);
    // `run` came while a step was settling: its loop is next in line and will say how it ended.
    if (this.#running) return;
    const { step, diverged } = this.lockstep;
    if (!diverged) await this.#evaluateIfDue();
    if (!diverged) await this.#measureIfDue();
    if (!diverged && this.#clock.isBehind(step)) await this.#save();
    if (this.#running) return;
    this.#tellStop(step);
    if (diverged) this.post({ type: 'failed', session: this.number, failure: diverged });
  }

  #tellStop(step: number): void {
    const type = step >= this.#steps ? 'finished' : 'paused';
    this.post({ type, session: this.number, step });
  }

  /** At the steps of the plan and at the end, and where somebody asked. */
  async #evaluateIfDue(): Promise<void> {
    const { step } = this.lockstep;
    const plan = this.#evaluation;
    const planned =
      plan !== null &&
      (step >= this.#steps || (plan.every > 0 && step % plan.every === 0)) &&
      this.#evaluated < step;
    const size = this.#asked ?? (planned ? plan : null);
    if (size === null || this.#closed) return;
    this.#asked = null;
    await this.#evaluate(size.prompts, size.samples);
  }

  async #evaluate(prompts: number, samples: number): Promise<void> {
    if (this.#closed) return;
    this.#report(await this.lockstep.flush());
    const { step } = this.lockstep;
    this.#evaluated = step;
    const runs = this.#byId(await this.lockstep.evaluate(prompts, samples));
    this.post({ type: 'evaluation', session: this.number, step, runs });
    if (this.#evaluation?.training !== true || this.#closed) return;
    const trained = await this.lockstep.evaluate(prompts, samples, 'train');
    // As records name it.
    const onTraining = this.#byId(trained.map((found) => ({ ...found, on: 'training' })));
    this.post({ type: 'evaluation', session: this.number, step, runs: onTraining });
  }

  /** After the steps of the plan, once each; after those of an earlier call they were, or nobody asked. */
  async #measureIfDue(): Promise<void> {
    const { step } = this.lockstep;
    const plan = this.#measure;
    if (plan === null || this.#measured >= step || !plan.at.includes(step)) return;
    this.#measured = step;
    for (const kind of plan.kinds) await this.#measureKind(kind, plan.prompts, plan.samples);
  }

  async #measureKind(kind: MeasureKind, prompts: number, samples: number): Promise<void> {
    if (this.#closed) return;
    this.#report(await this.lockstep.flush());
    const found = await this.lockstep.measure(kind, prompts, samples);
    const { step } = this.lockstep;
    const runs = this.#byId(found);
    this.post({ type: 'measurement', session: this.number, step, kind, runs });
  }

  #byId(found: readonly object[]): Record<string, Found> {
    return Object.fromEntries(
      found.map((value, index) => [this.runs[index]?.id ?? '', { ...value }]),
    );
  }

  /**
   * Call after `flush`: the metrics of the saved step have then been told. What has come to numbers that are not finite is
   * no state to go back to: the save before stays the last.
   */
  async #save(): Promise<void> {
    if (this.#closed) return;
    const began = performance.now();
    const { step, runs } = await this.lockstep.saveRuns();
    if (!runs.every(isSound)) return this.#clock.saved(step, began);
    const named = new Map(runs.map((run, index) => [this.runs[index]?.id ?? '', run]));
    const bytes = writeRuns({ step, runs: named });
    this.#clock.saved(step, began);
    this.post({ type: 'saved', session: this.number, step, bytes }, [bytes.buffer]);
  }

  #report(completed: readonly LockstepMetrics[]): void {
    const [first] = completed;
    if (!first) return;
    const runs = Object.fromEntries(
      completed.map(({ index, metrics }) => [this.runs[index]?.id ?? '', metrics]),
    );
    this.post({ type: 'metrics', session: this.number, step: first.metrics.step, runs });
  }

  /** Call after `flush` where a run is watched. */
  async #showRollouts(step: number): Promise<void> {
    const { run: watched, prompt } = this.#watched;
    const place = (index: number) =>
      Math.min(prompt, (this.runs[index]?.recipe.prompts_per_step ?? 1) - 1);
    const began = performance.now();
    const found = watched < 0 ? [] : await this.lockstep.inspect(watched, place(watched));
    const ended = performance.now();
    this.#showAt = ended + Math.max(SHOW_EVERY, LOOK_SHARE * (ended - began));
    const groups = this.runs.flatMap((run, index) => {
      const batch = this.lockstep.batch(index);
      if (!batch) return [];
      const looks = index === watched ? found : [];
      return [groupView(run, this.lockstep.task(index), batch, step, place(index), looks)];
    });
    this.post({ type: 'rollouts', session: this.number, groups });
  }
}

/** Whatever was thrown, as one of the failures the page can explain. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RlvrError) return error.failure;
  return { kind: 'bug', detail: error instanceof Error ? error.message : String(error) };
}
