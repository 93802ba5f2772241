import type { Access, Kernel, View } from './kernel';

/** Bytes between two parameter blocks: the offset alignment every WebGPU device accepts. */
const SLOT = 256;
/** Most workgroups in x; larger grids fold into y. */
const MAX_X = 32_768;

interface Dispatch {
  readonly kernel: Kernel;
  readonly entries: GPUBindGroupEntry[];
  readonly x: number;
  readonly y: number;
  readonly z: number;
  bindGroup: GPUBindGroup | null;
}

/**
 * A fixed sequence of dispatches. Built once: every bind group and every parameter block exists before the first
 * encode, so replaying it allocates nothing.
 */
export class Plan {
  readonly #device: GPUDevice;
  readonly #label: string;
  readonly #dispatches: Dispatch[] = [];
  readonly #flop: number[] = [];
  readonly #blocks: ArrayBuffer[] = [];
  #uniforms: GPUBuffer | null = null;

  constructor(device: GPUDevice, label: string) {
    this.#device = device;
    this.#label = label;
  }

  /** Number of dispatches recorded so far. */
  get length(): number {
    return this.#dispatches.length;
  }

  get labels(): readonly string[] {
    return this.#dispatches.map(({ kernel }) => kernel.spec.name);
  }

  /** Floating-point operations of each dispatch, of all runs, about; see KernelSpec. */
  get flop(): readonly number[] {
    return this.#flop;
  }

  /** Records one dispatch of at least `items` invocations for each of `runs` runs. */
  add<B extends Record<string, Access>, P extends string>(
    kernel: Kernel<B, P>,
    buffers: { readonly [K in keyof B]: View },
    params: Readonly<Record<P, number>>,
    items: number,
    runs: number,
  ): void {
    const groups = Math.max(1, Math.ceil(items / kernel.constants.WG));
    const x = Math.min(groups, MAX_X);
    const entries: GPUBindGroupEntry[] = [];
    for (const [name, binding] of kernel.bindings) {
      const view = buffers[name];
      if (!view) throw new Error(`${kernel.spec.name}: no buffer for ${name}`);
      entries.push({ binding, resource: resource(view) });
    }
    this.#blocks.push(pack(kernel, params));
    this.#flop.push(kernel.spec.flop(params, kernel.constants) * runs);
    this.#dispatches.push({
      kernel,
      entries,
      x,
      y: Math.ceil(groups / x),
      z: runs,
      bindGroup: null,
    });
  }

  /** Uploads the parameters and makes the bind groups; returns the bytes held. */
  seal(): number {
    const bytes = Math.max(1, this.#dispatches.length) * SLOT;
    const uniforms = this.#device.createBuffer({
      label: `${this.#label} params`,
      size: bytes,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    const staged = new Uint8Array(bytes);
    this.#dispatches.forEach((dispatch, i) => {
      staged.set(new Uint8Array(this.#blocks[i] ?? new ArrayBuffer(0)), i * SLOT);
      dispatch.bindGroup = this.#device.createBindGroup({
        label: dispatch.kernel.spec.name,
        layout: dispatch.kernel.layout,
        entries: [
          ...dispatch.entries,
          {
            binding: dispatch.kernel.uniformBinding,
            resource: { buffer: uniforms, offset: i * SLOT, size: SLOT },
          },
        ],
      });
    });
    this.#device.queue.writeBuffer(uniforms, 0, staged);
    this.#uniforms = uniforms;
    this.#blocks.length = 0;
    return bytes;
  }

  /** Replays dispatches [from, to) into a pass. */
  encode(pass: GPUComputePassEncoder, from = 0, to = this.#dispatches.length): void {
    let pipeline: GPUComputePipeline | null = null;
    for (let i = from; i < to; i++) {
      const dispatch = this.#dispatches[i];
      if (!dispatch?.bindGroup) throw new Error(`${this.#label}: encode before seal`);
      if (dispatch.kernel.pipeline !== pipeline) {
        pipeline = dispatch.kernel.pipeline;
        pass.setPipeline(pipeline);
      }
      pass.setBindGroup(0, dispatch.bindGroup);
      pass.dispatchWorkgroups(dispatch.x, dispatch.y, dispatch.z);
    }
  }

  destroy(): void {
    this.#uniforms?.destroy();
    this.#uniforms = null;
  }
}

function resource(view: View): GPUBufferBinding {
  return {
    buffer: view.buffer,
    offset: view.offset ?? 0,
    ...(view.size === undefined ? {} : { size: view.size }),
  };
}

/** Writes the parameters in the order and with the scalar types of the WGSL struct. */
function pack(kernel: Kernel, params: Readonly<Record<string, number>>): ArrayBuffer {
  const bytes = new ArrayBuffer(SLOT);
  const view = new DataView(bytes);
  let at = 0;
  for (const [name, type] of kernel.paramTypes) {
    const value = params[name];
    if (value === undefined) throw new Error(`${kernel.spec.name}: no value for ${name}`);
    if (type === 'f32') view.setFloat32(at, value, true);
    else view.setUint32(at, value, true);
    at += 4;
  }
  return bytes;
}
