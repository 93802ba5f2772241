import type { Gpu } from './device';
import { DeviceWait } from './device_wait';
import type { Plan } from './plan';

/** No submit is longer, by estimate: other pages and the compositor want the GPU too. */
export const SUBMIT_MS = 50;
/** Windows resets a GPU after two seconds of one submit. One that takes longer than this is the last of its size. */
export const CEILING_MS = 500;
/** Parts of work that are under way at once: one being done, one waiting behind it. */
const IN_FLIGHT = 2;

/** What is learnt stays within so many times what was taken for true. */
const FARTHEST = 1e4;

/** Work in its order: plans, and copies before, between and after them. */
export type Work = readonly (Plan | ((encoder: GPUCommandEncoder) => void))[];

interface Part {
  readonly done: Promise<void>;
}

/**
 * Hands work to the queue in submits of 50 ms at most by estimate, or of what the device is given, two at a time. The
 * estimate is the dispatches' arithmetic at a rate that follows what was measured. A dispatch is never divided, so one
 * that is longer makes a submit of its own. Submits shorter than half of that wait for nothing: the readback of a step
 * does.
 */
export class Pace {
  readonly #device: GPUDevice;
  readonly #wait: DeviceWait;
  readonly #dispatchMs: number;
  readonly #submitMs: number;
  /** What was taken for true before anything was measured. */
  readonly #before: number;
  #flopPerMs: number;
  #parts: Part[] = [];
  /** Estimate, share of dispatches in it, and time, of what has been submitted since the last part began. */
  #openMs = 0;
  #openDispatchMs = 0;
  #openSince = 0;
  #lastDone = 0;

  private constructor(gpu: Gpu) {
    const { device, profile, submitMs = SUBMIT_MS } = gpu;
    this.#device = device;
    this.#wait = DeviceWait.of(gpu);
    this.#submitMs = submitMs;
    this.#before = profile.flopPerMs;
    this.#flopPerMs = profile.flopPerMs;
    this.#dispatchMs = profile.dispatchMs;
  }

  static readonly #of = new WeakMap<GPUDevice, Pace>();

  /** One for each device: all that is submitted to it goes into one queue. */
  static of(gpu: Gpu): Pace {
    let own = Pace.#of.get(gpu.device);
    if (own === undefined) Pace.#of.set(gpu.device, (own = new Pace(gpu)));
    return own;
  }

  /** Floating-point operations a millisecond, as estimates have them now. */
  get flopPerMs(): number {
    return this.#flopPerMs;
  }

  estimate(flop: number): number {
    return flop / this.#flopPerMs + this.#dispatchMs;
  }

  /** Resolves when all of the work is submitted. Rejects with RlvrError `deviceLost`. */
  async submit(label: string, work: Work): Promise<void> {
    let encoder: GPUCommandEncoder | null = null;
    let pass: GPUComputePassEncoder | null = null;
    let ms = 0;
    let dispatches = 0;
    const encoding = () => (encoder ??= this.#device.createCommandEncoder({ label }));
    const closePass = () => {
      pass?.end();
      pass = null;
    };
    const close = async () => {
      closePass();
      if (encoder === null) return;
      const buffer = encoder.finish();
      encoder = null;
      await this.#room();
      this.#hand(buffer, ms, dispatches * this.#dispatchMs);
      ms = 0;
      dispatches = 0;
    };
    for (const piece of work) {
      if (typeof piece === 'function') {
        closePass();
        piece(encoding());
        continue;
      }
      const { flop } = piece;
      let from = 0;
      for (const [i, own] of flop.entries()) {
        const next = this.estimate(own);
        if (ms > 0 && ms + next > this.#submitMs) {
          if (i > from) piece.encode((pass ??= encoding().beginComputePass()), from, i);
          from = i;
          await close();
        }
        ms += next;
        dispatches++;
      }
      piece.encode((pass ??= encoding().beginComputePass()), from);
    }
    await close();
  }

  /** Everything submitted so far is done: a readback has waited for it. */
  settled(): void {
    this.#parts = [];
    this.#openMs = 0;
    this.#openDispatchMs = 0;
  }

  async #room(): Promise<void> {
    while (this.#parts.length >= IN_FLIGHT) await this.#parts[0]?.done;
  }

  #hand(buffer: GPUCommandBuffer, ms: number, dispatchMs: number): void {
    if (this.#openMs === 0) this.#openSince = performance.now();
    this.#device.queue.submit([buffer]);
    this.#openMs += ms;
    this.#openDispatchMs += dispatchMs;
    if (this.#openMs < this.#submitMs / 2) return;
    const [expected, fixed, since] = [this.#openMs, this.#openDispatchMs, this.#openSince];
    this.#openMs = 0;
    this.#openDispatchMs = 0;
    const part: Part = {
      done: this.#wait.until(this.#device.queue.onSubmittedWorkDone()).then(() => {
        const now = performance.now();
        this.#learn(expected, fixed, now - Math.max(since, this.#lastDone));
        this.#lastDone = now;
        this.#parts = this.#parts.filter((other) => other !== part);
      }),
    };
    // Whoever waits for it is told; nobody may.
    part.done.catch(() => undefined);
    this.#parts.push(part);
  }

  /**
   * Half of the way to what was measured; all of it where a submit was far too long. Only arithmetic is learnt from: where
   * most of an estimate is the fixed price of dispatches, a short time says nothing about it.
   */
  #learn(expected: number, fixed: number, measured: number): void {
    const arithmetic = expected - fixed;
    if (!(measured > 0) || arithmetic < expected / 2) return;
    const ratio = arithmetic / Math.max(measured - fixed, arithmetic / 2);
    const within = Math.max(1 / 16, ratio);
    const next = this.#flopPerMs * (measured > CEILING_MS ? within : Math.sqrt(within));
    this.#flopPerMs = Math.min(FARTHEST * this.#before, Math.max(this.#before / FARTHEST, next));
  }
}
