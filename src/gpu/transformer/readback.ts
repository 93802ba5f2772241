import type { DeviceWait } from '../device_wait';
import type { Memory } from '../memory';

/** Brings results to the CPU through one staging buffer; every wait also ends when the device is lost. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #wait: DeviceWait;
  readonly #staging: GPUBuffer;
  readonly #settled: () => void;

  /** `settled` is called whenever a wait has shown that everything submitted before is done. */
  constructor(
    device: GPUDevice,
    wait: DeviceWait,
    memory: Memory,
    words: number,
    settled: () => void = () => undefined,
  ) {
    this.#settled = settled;
    this.#device = device;
    this.#wait = wait;
    this.#staging = memory.staging('readback', words);
  }

  /** `copy` records copies into the staging buffer and returns the bytes it wrote. */
  async read(
    copy: (encoder: GPUCommandEncoder, staging: GPUBuffer) => number,
  ): Promise<ArrayBuffer> {
    const encoder = this.#device.createCommandEncoder({ label: 'readback' });
    const bytes = copy(encoder, this.#staging);
    this.#device.queue.submit([encoder.finish()]);
    if (bytes === 0) {
      await this.#wait.until(this.#device.queue.onSubmittedWorkDone());
      this.#settled();
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

  async #map(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    await this.#wait.until(staging.mapAsync(GPUMapMode.READ, 0, bytes));
    this.#settled();
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    return copy;
  }
}
