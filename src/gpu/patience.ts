/**
 * Waits for results without burning a core.
 *
 * Symptom: Dawn for Node (webgpu 0.6.2) asks the driver without pause as long as a promise of its is open; on two cores
 * with a software driver that took a third of the training time. Browsers wait properly and need none of this.
 * So: sleep for most of the time the same wait took before, and only then open the promise. Delete once Dawn blocks.
 */
export class Patience {
  readonly #expected = new Map<string, number>();

  constructor(private readonly enabled: boolean) {}

  /** Runs `wait` (which opens the promise), after a sleep if waits of this kind have been long. */
  async wait<T>(kind: string, wait: () => Promise<T>): Promise<T> {
    if (!this.enabled) return wait();
    const started = performance.now();
    const expected = this.#expected.get(kind) ?? 0;
    if (expected > SHORT) await new Promise((resolve) => setTimeout(resolve, expected * SHARE));
    const slept = performance.now();
    const result = await wait();
    const ended = performance.now();
    // Done at once means that we slept too long: by how much we cannot know, so try a shorter sleep.
    this.#expected.set(kind, ended - slept < SHORT / 4 ? expected * SHARE : ended - started);
    return result;
  }
}

/** Milliseconds below which polling is not worth a sleep. */
const SHORT = 4;
const SHARE = 0.85;
