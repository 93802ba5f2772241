/**
 * A version number that React can subscribe to without following every change: `touch` may be called hundreds of
 * times a second, listeners hear of it at most once per `interval` milliseconds, and always of the last change.
 */
export class Ticker {
  private version = 0;
  private lastBump = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly interval: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getVersion = (): number => this.version;

  /** Something changed; listeners hear of it now, or when the interval is over. */
  touch(): void {
    if (this.timer !== null) return;
    const wait = this.lastBump + this.interval - this.now();
    if (wait <= 0) this.bump();
    else this.timer = setTimeout(() => this.bump(), wait);
  }

  /** Listeners hear of it at once. */
  bump(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.lastBump = this.now();
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
