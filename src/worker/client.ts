import type { LiveSetting } from '../recipe/live';
import type { Push } from '../rl/one_softmax';
import type { Measure, MeasureKind } from '../recipe/measure';
import type { Command, EvaluationPlan, Event, NamedRun, PolicyRequest, Start } from './protocol';

/** What the client needs of a Worker; tests hand in a double. */
export interface WorkerPort {
  postMessage(message: Command): void;
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Event>) => void): void;
  addEventListener(type: 'messageerror', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
}

export type Listener = (event: Event) => void;

/**
 * The page's end of the engine: sends commands of the current session and hands on its events.
 * Events of an earlier session are dropped; session 0 is the worker itself, before any `prepare`.
 * A worker that dies, or a message that cannot be read, arrives as a `failed` event like any other, and is the last: what
 * is left of that worker is ended, since nobody knows what it would go on with.
 */
export class EngineClient {
  private session = 0;
  private closed = false;
  private readonly listeners = new Set<Listener>();

  constructor(private readonly port: WorkerPort = spawn()) {
    port.addEventListener('message', (message) => this.receive(message.data));
    port.addEventListener('messageerror', () =>
      this.fail('A message from the training worker could not be read.'),
    );
    port.addEventListener('error', (event) => {
      event.preventDefault();
      this.fail(event.message || 'The training worker stopped or could not be loaded.');
    });
  }

  /** Calls `listener` for every event of the current session; returns the way out. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Starts a new session; from here on events of the one before are dropped. */
  prepare(
    runs: readonly NamedRun[],
    from?: Start,
    plan: { readonly evaluate?: EvaluationPlan; readonly measure?: Measure | null } = {},
  ): void {
    const { evaluate, measure } = plan;
    this.session += 1;
    this.send({
      type: 'prepare',
      session: this.session,
      runs,
      ...(from && { from }),
      ...(evaluate && { evaluate }),
      ...(measure && { measure }),
    });
  }

  /** Stops the session and hands on nothing more of it. */
  leave(): void {
    this.pause();
    this.session += 1;
  }

  run(): void {
    this.send({ type: 'run', session: this.session });
  }

  pause(): void {
    this.send({ type: 'pause', session: this.session });
  }

  step(): void {
    this.send({ type: 'step', session: this.session });
  }

  save(): void {
    this.send({ type: 'save', session: this.session });
  }

  evaluate(prompts: number, samples: number): void {
    this.send({ type: 'evaluate', session: this.session, prompts, samples });
  }

  measure(kind: MeasureKind, prompts: number, samples: number): void {
    this.send({ type: 'measure', session: this.session, kind, prompts, samples });
  }

  plan(measure: Measure | null): void {
    this.send({ type: 'plan', session: this.session, measure });
  }

  set(runs: readonly string[], setting: LiveSetting, value: number | null): void {
    this.send({ type: 'set', session: this.session, runs, setting, value });
  }

  watch(run: string, prompt: number): void {
    this.send({ type: 'watch', session: this.session, run, prompt });
  }

  softmax(push: Push): void {
    this.send({ type: 'softmax', session: this.session, push });
  }

  policy(ask: number, request: PolicyRequest): void {
    this.send({ type: 'policy', session: this.session, ask, request });
  }

  kernels(time: boolean): void {
    this.send({ type: 'kernels', session: this.session, time });
  }

  keptTimings(kept: Readonly<Record<string, unknown>>): void {
    this.send({ type: 'keptTimings', session: this.session, kept });
  }

  timeLayouts(): void {
    this.send({ type: 'timeLayouts', session: this.session });
  }

  stopTimingLayouts(): void {
    this.send({ type: 'stopTimingLayouts', session: this.session });
  }

  verify(name: string): void {
    this.send({ type: 'verify', session: this.session, name });
  }

  checkKernel(index: number): void {
    this.send({ type: 'checkKernel', session: this.session, index });
  }

  /** Ends the worker; nothing is sent or handed on after this. */
  close(): void {
    this.closed = true;
    this.listeners.clear();
    this.port.terminate();
  }

  private send(command: Command): void {
    if (!this.closed) this.port.postMessage(command);
  }

  private receive(event: Event): void {
    if (this.closed) return;
    if ('session' in event && event.session !== this.session && event.session !== 0) return;
    for (const listener of this.listeners) listener(event);
  }

  private fail(detail: string): void {
    const failure = { kind: 'workerCrashed', detail } as const;
    this.receive({ type: 'failed', session: this.session, failure });
    this.close();
  }
}

function spawn(): WorkerPort {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'engine' });
}
