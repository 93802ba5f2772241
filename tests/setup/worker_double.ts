import type { Command, Event } from '../../src/worker/protocol';

type Prepare = Extract<Command, { type: 'prepare' }>;

/** Stands in for the engine's worker: tests say what it tells the page, and read what the page asked for. */
export class WorkerDouble {
  /** The one that the page started last. */
  static newest: WorkerDouble;
  readonly heard: Command[] = [];
  readonly #listeners: ((event: { data: Event }) => void)[] = [];

  constructor(_url: URL, { name }: WorkerOptions) {
    // The page does what else it has threads for by itself.
    if (name !== 'engine') throw new Error(`no thread ${name}`);
    WorkerDouble.newest = this;
  }

  addEventListener(type: string, listener: (event: { data: Event }) => void): void {
    if (type === 'message') this.#listeners.push(listener);
  }

  postMessage(command: Command): void {
    this.heard.push(command);
  }

  terminate(): void {
    this.#listeners.length = 0;
  }

  /** Says something of the newest session, or of the worker itself before there is one. */
  say(event: DistributiveOmit<Event, 'session'>): void {
    const session = this.prepared?.session ?? 0;
    for (const listener of this.#listeners) listener({ data: { ...event, session } as Event });
  }

  /** The newest session as it was asked for. */
  get prepared(): Prepare | undefined {
    return this.heard.findLast((command): command is Prepare => command.type === 'prepare');
  }

  count(type: Command['type']): number {
    return this.heard.filter((command) => command.type === type).length;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
