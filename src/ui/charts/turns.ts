/**
 * Redraws one after another, each in a task of its own, so that a click or a scroll never waits for all charts. What
 * asks again before its turn has come is drawn once.
 */
export class Turns {
  private readonly waiting = new Set<() => void>();
  private coming = false;

  /**
   * `request` calls back once, soon: `requestAnimationFrame`, or a timer. Within `budget` milliseconds one task does several
   * redraws, which must then be done when they return.
   */
  constructor(
    private readonly request: (callback: () => void) => void,
    private readonly budget = 0,
  ) {}

  ask(redraw: () => void): void {
    this.waiting.add(redraw);
    this.schedule();
  }

  forget(redraw: () => void): void {
    this.waiting.delete(redraw);
  }

  private schedule(): void {
    if (this.coming || this.waiting.size === 0) return;
    this.coming = true;
    this.request(() => {
      this.coming = false;
      const until = this.budget > 0 ? performance.now() + this.budget : 0;
      do {
        const [redraw] = this.waiting;
        if (redraw === undefined) return;
        this.waiting.delete(redraw);
        this.schedule();
        redraw();
      } while (until > performance.now());
    });
  }
}
