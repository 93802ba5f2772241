import { RlvrError } from '../errors/failure';
import type { View } from './kernel';

/** Allocates every buffer of an engine by name, before step 0, and knows what it holds. */
export class Memory {
  readonly #device: GPUDevice;
  readonly #buffers = new Map<string, GPUBuffer>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get bytes(): number {
    let sum = 0;
    for (const buffer of this.#buffers.values()) sum += buffer.size;
    return sum;
  }

  get count(): number {
    return this.#buffers.size;
  }

  /** Every buffer, in the order they were made. */
  get list(): readonly { readonly name: string; readonly bytes: number }[] {
    return [...this.#buffers].map(([name, { size }]) => ({ name, bytes: size }));
  }

  /** A zeroed storage buffer of `words` 32-bit words that can be written, copied from and bound. */
  storage(name: string, words: number): View {
    return {
      buffer: this.#create(
        name,
        words,
        GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      ),
    };
  }

  /** A buffer the CPU maps to read results. */
  staging(name: string, words: number): GPUBuffer {
    return this.#create(name, words, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  #create(name: string, words: number, usage: GPUBufferUsageFlags): GPUBuffer {
    if (this.#buffers.has(name)) throw new Error(`a buffer named ${name} exists already`);
    const size = Math.max(16, Math.ceil(words / 4) * 16);
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    if (size > maxBufferSize) {
      throw new RlvrError({
        kind: 'limitTooSmall',
        limit: 'maxBufferSize',
        have: maxBufferSize,
        need: size,
      });
    }
    if (size > maxStorageBufferBindingSize && (usage & GPUBufferUsage.STORAGE) !== 0) {
      throw new RlvrError({
        kind: 'limitTooSmall',
        limit: 'maxStorageBufferBindingSize',
        have: maxStorageBufferBindingSize,
        need: size,
      });
    }
    const buffer = this.#device.createBuffer({ label: name, size, usage });
    this.#buffers.set(name, buffer);
    return buffer;
  }

  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }
}
