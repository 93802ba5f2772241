import { RlvrError } from '../../errors/failure';
import type { Gpu } from '../device';
import type { Memory } from '../memory';
import { patiently } from '../patience';

/** Brings results to the CPU through one staging buffer; every wait also ends when the device is lost. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #staging: GPUBuffer;
  readonly #lost: Promise<never>;

  readonly #pollsBusily: boolean;

  constructor({ device, pollsBusily }: Gpu, memory: Memory, words: number) {
    this.#device = device;
    this.#pollsBusily = pollsBusily ?? false;
    this.#staging = memory.staging('readback', words);
    this.#lost = device.lost.then(({ reason, message }) => {
      throw new RlvrError({ kind: 'deviceLost', detail: message || reason });
    });
    this.#lost.catch(() => undefined);
  }

  /** `copy` records copies into the staging buffer and returns the bytes it wrote. */
  async read(
    copy: (encoder: GPUCommandEncoder, staging: GPUBuffer) => number,
  ): Promise<ArrayBuffer> {
    const encoder = this.#device.createCommandEncoder({ label: 'readback' });
    const bytes = copy(encoder, this.#staging);
    this.#device.queue.submit([encoder.finish()]);
    if (bytes === 0) {
      await this.#wait(this.#device.queue.onSubmittedWorkDone());
      return new ArrayBuffer(0);
    }
    return this.#map(this.#staging, bytes);
  }

  /** Reads part of a buffer through a staging buffer of its own: for saving and for checks, not for the loop. */
  async once(buffer: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    const staging = this.#device.createBuffer({
      label: 'read once',
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.#device.createCommandEncoder({ label: 'read once' });
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
      this.#device.queue.submit([encoder.finish()]);
      return await this.#map(staging, bytes);
    } finally {
      staging.destroy();
    }
  }

  #wait(work: Promise<unknown>): Promise<unknown> {
    return patiently(this.#pollsBusily, Promise.race([work, this.#lost]));
  }

  async #map(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    try {
      await this.#wait(staging.mapAsync(GPUMapMode.READ, 0, bytes));
    } catch (error) {
      if (error instanceof RlvrError) throw error;
      // mapAsync rejects when the device goes; `lost` may resolve a moment later.
      throw new RlvrError({ kind: 'deviceLost', detail: (error as Error).message });
    }
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    return copy;
  }
}
