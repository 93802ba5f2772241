/**
 * Redraws one after another, each in a frame of its own, so that a click or a scroll never waits for all charts; those
 * in sight come first. What asks again before its turn has come is drawn once. Nothing happens while the page is hidden.
 */
export class Turns {
  private readonly inSight = new Set<() => void>();
  private readonly outOfSight = new Set<() => void>();
  private frame: number | null = null;

  constructor(
    private readonly request: (callback: () => void) => number,
    private readonly cancel: (frame: number) => void,
  ) {}

  ask(redraw: () => void, visible: boolean): void {
    (visible ? this.outOfSight : this.inSight).delete(redraw);
    (visible ? this.inSight : this.outOfSight).add(redraw);
    this.frame ??= this.request(this.next);
  }

  forget(redraw: () => void): void {
    this.inSight.delete(redraw);
    this.outOfSight.delete(redraw);
    if (this.waiting > 0 || this.frame === null) return;
    this.cancel(this.frame);
    this.frame = null;
  }

  private get waiting(): number {
    return this.inSight.size + this.outOfSight.size;
  }

  private readonly next = (): void => {
    const [redraw] = this.inSight.size > 0 ? this.inSight : this.outOfSight;
    this.frame = null;
    if (redraw === undefined) return;
    this.inSight.delete(redraw);
    this.outOfSight.delete(redraw);
    if (this.waiting > 0) this.frame = this.request(this.next);
    redraw();
  };
}
