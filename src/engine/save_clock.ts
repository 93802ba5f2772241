/** Milliseconds of training that a closed tab may cost. */
const EVERY = 10_000;

/** Saving may take one part in this many of the time: on a slow device it is done less often. */
const SHARE = 20;

/** Points of a whole run that are saved whatever the clock says, so that a fast run can be forked along its way. */
const POINTS = 8;

/** Says when a running session should save: every ten seconds and at eight steps along the way, if it can afford to. */
export class SaveClock {
  /** The last step that was saved. */
  #step: number;
  #at: number;
  #cost = 0;
  #asked = false;
  readonly #stride: number;

  /** Begins at `step`, which need not be saved. `now` in milliseconds. */
  constructor(
    step: number,
    steps: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#step = step;
    this.#at = now();
    this.#stride = Math.max(1, Math.ceil(steps / POINTS));
  }

  /** The next step is saved whatever the clock says. */
  ask(): void {
    this.#asked = true;
  }

  isDue(step: number): boolean {
    if (step <= this.#step) return false;
    if (this.#asked) return true;
    const elapsed = this.now() - this.#at;
    if (elapsed < SHARE * this.#cost) return false;
    return elapsed >= EVERY || this.#points(step) > this.#points(this.#step);
  }

  /** Whether `step` is later than what was saved. */
  isBehind(step: number): boolean {
    return step > this.#step;
  }

  /** `step` has been saved; it took from `began` until now. */
  saved(step: number, began: number): void {
    this.#step = step;
    this.#at = this.now();
    this.#cost = this.#at - began;
    this.#asked = false;
  }

  #points(step: number): number {
    return Math.floor(step / this.#stride);
  }
}
