import { RlvrError } from '../errors/failure';
import type { View } from './kernel';

/** Makes buffers by name, or only counts them. Sizes in 32-bit words. */
export interface Allocator {
  /** A zeroed storage buffer that can be written, copied from and bound; as a whole, unless `inParts`. */
  storage(name: string, words: number, use?: { readonly inParts: boolean }): View;
  /** A buffer the CPU maps to read results. */
  staging(name: string, words: number): GPUBuffer;
}

/** Bytes of a buffer of so many words: whole vec4f, and one at least. */
const bytesOf = (words: number) => Math.max(16, Math.ceil(words / 4) * 16);

/** What a device allows. */
type Limits = Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>;

/** Throws RlvrError `limitTooSmall` for a buffer that the device cannot have, or cannot bind as a whole. */
function checkSize(limits: Limits, size: number, boundWhole: boolean): void {
  const limit = size > limits.maxBufferSize ? 'maxBufferSize' : 'maxStorageBufferBindingSize';
  if (limit === 'maxStorageBufferBindingSize' && !boundWhole) return;
  if (size > limits[limit])
    throw new RlvrError({ kind: 'limitTooSmall', limit, have: limits[limit], need: size });
}

/**
 * Adds up what buffers would take, and makes none: what it returns may be passed on and not used. With `limits` it throws
 * RlvrError `limitTooSmall` as the device would refuse.
 */
export class MemoryCount implements Allocator {
  bytes = 0;

  constructor(private readonly limits: Limits | null = null) {}

  storage(_name: string, words: number, { inParts } = { inParts: false }): View {
    return { buffer: this.#count(words, !inParts) };
  }

  staging(_name: string, words: number): GPUBuffer {
    return this.#count(words, false);
  }

  #count(words: number, boundWhole: boolean): GPUBuffer {
    const bytes = bytesOf(words);
    if (this.limits !== null) checkSize(this.limits, bytes, boundWhole);
    this.bytes += bytes;
    return {} as GPUBuffer;
  }
}

/** Allocates every buffer of an engine by name, before step 0, and knows what it holds. */
export class Memory implements Allocator {
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

  storage(name: string, words: number, { inParts } = { inParts: false }): View {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    return { buffer: this.#create(name, words, usage, !inParts) };
  }

  staging(name: string, words: number): GPUBuffer {
    return this.#create(name, words, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST, false);
  }

  #create(name: string, words: number, usage: GPUBufferUsageFlags, boundWhole: boolean): GPUBuffer {
    if (this.#buffers.has(name)) throw new Error(`a buffer named ${name} exists already`);
    const size = bytesOf(words);
    checkSize(this.#device.limits, size, boundWhole);
    const buffer = this.#device.createBuffer({ label: name, size, usage });
    this.#buffers.set(name, buffer);
    return buffer;
  }

  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }
}
