import type { Gpu, Profile } from '../gpu/device';
import {
  type Access,
  type Constants,
  type Kernel,
  type KernelCache,
  type KernelSpec,
  type View,
} from '../gpu/kernel';
import { Plan } from '../gpu/plan';
import { kernelCache } from '../gpu/transformer/kernels';
import type { Words } from './untouched';

/**
 * Runs single kernels on arrays. What a kernel may not touch is watched: every output ends in canary
 * words that must survive, and starts as a number no kernel computes, so a cell that is not written
 * shows. Inputs end in the same number: an out-of-range read does not vanish, it gives wrong results.
 */

/** Bits of 1.6e30 as f32, and far out of range as an index. */
const SENTINEL_BITS = 0x71a5a5a5;
const CANARIES = 16;

/** What an output cell holds that no invocation wrote. */
export const SENTINEL = new Float32Array(Uint32Array.of(SENTINEL_BITS).buffer)[0];

type Read<B> = { [K in keyof B]: B[K] extends 'read' ? K : never }[keyof B];
type Written<B> = { [K in keyof B]: B[K] extends 'read_write' ? K : never }[keyof B];
/** An output: what it holds before, or its size in f32 words of SENTINEL. */
type Outputs<B> = { readonly [K in Written<B>]: Words | number };

export interface Call<B, P extends string, O extends Outputs<B>> {
  readonly constants: Constants;
  readonly inputs: { readonly [K in Read<B>]: Words };
  readonly outputs: O;
  readonly params: Readonly<Record<P, number>>;
  /** Invocations of one run. */
  readonly items: number;
  readonly runs?: number;
}

export type Results<B, O> = {
  readonly [K in Written<B>]: K extends keyof O
    ? O[K] extends Uint32Array
      ? Uint32Array<ArrayBuffer>
      : Float32Array<ArrayBuffer>
    : never;
};

/** A device to run kernels on, and the sizes of workgroups there. */
export interface Bench {
  readonly profile: Profile;
  readonly run: <B extends Record<string, Access>, P extends string, O extends Outputs<B>>(
    spec: KernelSpec<B, P>,
    call: Call<B, P, O>,
  ) => Promise<Results<B, O>>;
}

/** With the device's own kernel cache: what training has compiled is what runs. */
export function benchOf({ device, profile }: Pick<Gpu, 'device' | 'profile'>): Bench {
  const cache = kernelCache(device);
  return { profile, run: (spec, call) => runKernel(device, cache, spec, call) };
}

/** Compiles (once a file for each kernel and constants), dispatches, reads back and checks the canaries. */
async function runKernel<B extends Record<string, Access>, P extends string, O extends Outputs<B>>(
  device: GPUDevice,
  cache: KernelCache,
  spec: KernelSpec<B, P>,
  call: Call<B, P, O>,
): Promise<Results<B, O>> {
  const kernel: Kernel<B, P> = await cache.get(spec, call.constants);
  const given = { ...call.inputs, ...call.outputs } as Record<string, Words | number>;
  const buffers = Object.keys(spec.buffers).map(
    (name) => [name, filledBuffer(device, name, given[name])] as const,
  );
  const outputs = buffers.filter(([name]) => name in call.outputs);
  const staging = device.createBuffer({
    size: outputs.reduce((sum, [, { size }]) => sum + size, 0),
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const plan = new Plan(device, spec.name);
  try {
    const views = Object.fromEntries(buffers.map(([name, buffer]) => [name, { buffer }]));
    plan.add(kernel, views as { [K in keyof B]: View }, call.params, call.items, call.runs ?? 1);
    plan.seal();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    plan.encode(pass);
    pass.end();
    let at = 0;
    for (const [, buffer] of outputs) {
      encoder.copyBufferToBuffer(buffer, 0, staging, at, buffer.size);
      at += buffer.size;
    }
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const results: Record<string, Words> = {};
    at = 0;
    for (const [name, { size }] of outputs) {
      results[name] = readOutput(
        `${spec.name} wrote ${name}`,
        staging.getMappedRange(at, size).slice(0),
        given[name],
      );
      at += size;
    }
    return results as Results<B, O>;
  } finally {
    plan.destroy();
    staging.destroy();
    for (const [, buffer] of buffers) buffer.destroy();
  }
}

/** The output without its canaries, which must all live. */
function readOutput(what: string, bytes: ArrayBuffer, before: Words | number): Words {
  const length = typeof before === 'number' ? before : before.length;
  const tail = new Uint32Array(bytes).subarray(length);
  const dead = tail.findIndex((word) => word !== SENTINEL_BITS);
  if (dead >= 0) throw new Error(`${what}[${length + dead}], ${dead} beyond its end`);
  return before instanceof Uint32Array
    ? new Uint32Array(bytes, 0, length)
    : new Float32Array(bytes, 0, length);
}

function filledBuffer(device: GPUDevice, label: string, content: Words | number): GPUBuffer {
  const length = typeof content === 'number' ? content : content.length;
  const words = new Uint32Array(Math.ceil(length / 4) * 4 + CANARIES).fill(SENTINEL_BITS);
  if (typeof content !== 'number')
    words.set(new Uint32Array(content.buffer, content.byteOffset, length));
  const buffer = device.createBuffer({
    label,
    size: words.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(buffer, 0, words);
  return buffer;
}
