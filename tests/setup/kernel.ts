import { afterAll, assert } from 'vitest';
import {
  KernelCache,
  type Access,
  type Constants,
  type Kernel,
  type KernelSpec,
  type View,
} from '../../src/gpu/kernel';
import { Plan } from '../../src/gpu/plan';
import { testDevice } from './device';

/**
 * Runs single kernels on arrays. What a kernel may not touch is watched: every output ends in canary
 * words that must survive, and starts as a number no kernel computes, so a cell that is not written
 * shows. Inputs end in the same number: an out-of-range read does not vanish, it gives wrong results.
 */

export type Words = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

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

const caches = new WeakMap<GPUDevice, KernelCache>();

/** Compiles (once a file for each kernel and constants), dispatches, reads back and checks the canaries. */
export async function runKernel<
  B extends Record<string, Access>,
  P extends string,
  O extends Outputs<B>,
>(spec: KernelSpec<B, P>, call: Call<B, P, O>): Promise<Results<B, O>> {
  const device = await testDevice();
  const cache = caches.get(device) ?? new KernelCache(device);
  caches.set(device, cache);
  const kernel: Kernel<B, P> = await cache.get(spec, call.constants);

  const given = { ...call.inputs, ...call.outputs } as Record<string, Words | number>;
  const buffers = new Map<string, GPUBuffer>();
  for (const name of Object.keys(spec.buffers)) {
    buffers.set(name, filledBuffer(device, name, given[name]));
  }
  const views = Object.fromEntries([...buffers].map(([name, buffer]) => [name, { buffer }]));
  const plan = new Plan(device, spec.name);
  plan.add(kernel, views as { [K in keyof B]: View }, call.params, call.items, call.runs ?? 1);
  plan.seal();

  const outputs = Object.keys(call.outputs);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  plan.encode(pass);
  pass.end();
  const staging = device.createBuffer({
    size: outputs.reduce((sum, name) => sum + buffers.get(name)!.size, 0),
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  let at = 0;
  for (const name of outputs) {
    const buffer = buffers.get(name)!;
    encoder.copyBufferToBuffer(buffer, 0, staging, at, buffer.size);
    at += buffer.size;
  }
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const results: Record<string, Words> = {};
  at = 0;
  for (const name of outputs) {
    const { size } = buffers.get(name)!;
    const bytes = staging.getMappedRange(at, size).slice(0);
    at += size;
    const before = given[name];
    const length = typeof before === 'number' ? before : before.length;
    const tail = new Uint32Array(bytes).subarray(length);
    const dead = tail.findIndex((word) => word !== SENTINEL_BITS);
    if (dead >= 0)
      assert.fail(`${spec.name} wrote ${name}[${length + dead}], ${dead} beyond its end`);
    results[name] =
      before instanceof Uint32Array
        ? new Uint32Array(bytes, 0, length)
        : new Float32Array(bytes, 0, length);
  }
  staging.destroy();
  plan.destroy();
  for (const buffer of buffers.values()) buffer.destroy();
  return results as Results<B, O>;
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

/** Largest relative error of rounding to f32: half of one ULP. */
export const ROUNDING = 2 ** -24;

/** Sizes in memory: rows of the GPU's arrays are padded to a multiple of 4 numbers. */
export const padded = (n: number): number => Math.ceil(n / 4) * 4;

/** Rows moved apart to `stride`, the gaps zero. */
export function pad(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  stride = padded(columns),
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * stride);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[r * stride + c] = values[r * columns + c];
  }
  return out;
}

/** The opposite of `pad`. */
export function unpad(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  stride = padded(columns),
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[r * columns + c] = values[r * stride + c];
  }
  return out;
}

/** Fails unless every number between `columns` and `stride` is zero. */
export function expectZeroPadding(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  stride = padded(columns),
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = columns; c < stride; c++) {
      const value = values[r * stride + c];
      if (value !== 0) assert.fail(`padding at row ${r}, column ${c} is ${value}`);
    }
  }
}

export const float32 = (values: ArrayLike<number>): Float32Array<ArrayBuffer> =>
  Float32Array.from(values);
/** What the twin gets: the GPU's very inputs. */
export const float64 = (values: ArrayLike<number>): Float64Array => Float64Array.from(values);

/** Arrays of all runs one after the other. */
export function joined(parts: readonly ArrayLike<number>[]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

export interface Tolerance {
  /** For all, or one for each number. */
  readonly atol?: number | ArrayLike<number>;
  readonly rtol?: number;
}

/** Largest error of each name so far, and the largest share of its tolerance that an error used up. */
const measured = new Map<string, { error: number; ofTolerance: number }>();

/** |got - want| <= atol + rtol |want| everywhere; names the worst place. A NaN on either side fails. */
export function expectAllClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { atol = 0, rtol = 0 }: Tolerance,
  what = 'values',
): void {
  if (got.length !== want.length) assert.fail(`${what}: ${got.length} numbers, not ${want.length}`);
  let worst = -1;
  let worstShare = 0;
  let largestError = 0;
  for (let i = 0; i < want.length; i++) {
    const error = Math.abs(got[i] - want[i]);
    const allowed = (typeof atol === 'number' ? atol : atol[i]) + rtol * Math.abs(want[i]);
    const share = error === 0 ? 0 : error / allowed;
    if (error > largestError) largestError = error;
    // Not "share > worst": a NaN compares false.
    if (!(share <= worstShare)) {
      worst = i;
      worstShare = share;
      if (Number.isNaN(share)) break;
    }
  }
  if (!(worstShare <= 1)) {
    assert.fail(
      `${what}[${worst}] is ${got[worst]}, not ${want[worst]}: off by ${Math.abs(got[worst] - want[worst])}, ` +
        `${worstShare} times what is allowed`,
    );
  }
  const before = measured.get(what) ?? { error: 0, ofTolerance: 0 };
  measured.set(what, {
    error: Math.max(before.error, largestError),
    ofTolerance: Math.max(before.ofTolerance, worstShare),
  });
}

/** Bit for bit the same; names the first place where not (0 and -0 differ). */
export function expectSameBits(got: Words, want: Words, what = 'values'): void {
  if (got.length !== want.length) assert.fail(`${what}: ${got.length} numbers, not ${want.length}`);
  const a = new Uint32Array(got.buffer, got.byteOffset, got.length);
  const b = new Uint32Array(want.buffer, want.byteOffset, want.length);
  const at = a.findIndex((word, i) => word !== b[i]);
  if (at >= 0) assert.fail(`${what}[${at}] is ${got[at]}, not ${want[at]}`);
}

// MEASURE=1 npm run test:gpu shows how much of each tolerance is used.
if (process.env['MEASURE']) {
  afterAll(() => {
    for (const [what, { error, ofTolerance }] of measured) {
      console.log(
        `${what}: ${error.toExponential(1)}, ${(100 * ofTolerance).toFixed(0)}% of tolerance`,
      );
    }
  });
}
