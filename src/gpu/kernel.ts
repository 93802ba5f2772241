import { RlvrError } from '../errors/failure';
import { unroll } from './unroll';

/** How a kernel sees one of its buffers. */
export type Access = 'read' | 'read_write';

/** A kernel: one entry point of one WGSL file, with its buffers and scalar parameters under the names the WGSL uses. */
export interface KernelSpec<
  B extends Record<string, Access> = Record<string, Access>,
  P extends string = string,
> {
  /** The entry point, and the label in errors and traces. */
  readonly name: string;
  readonly wgsl: string;
  /** Shared functions joined before the shader, from src/shaders/lib. */
  readonly lib: readonly string[];
  readonly buffers: B;
  /** Fields of the uniform struct, in the order of the WGSL. */
  readonly params: readonly P[];
  /**
   * Floating-point operations of one run of a dispatch, about: products and sums of its inner loops, a transcendental
   * counted as 20. What submits are cut by (pace.ts), and what docs/performance.md divides times by.
   */
  readonly flop: (params: Readonly<Record<P, number>>, constants: Constants) => number;
}

/** Keeps the literal types of a spec. */
export function defineKernel<const B extends Record<string, Access>, const P extends string>(
  spec: KernelSpec<B, P>,
): KernelSpec<B, P> {
  return spec;
}

interface Declared {
  readonly binding: number;
  readonly access: Access | 'uniform';
  readonly type: string;
}

/** The bindings a WGSL text declares in group 0, by name. */
export function declaredBindings(wgsl: string): Map<string, Declared> {
  const found = new Map<string, Declared>();
  const pattern =
    /@group\(0\)\s*@binding\((\d+)\)\s*var<(uniform|storage),?\s*(read_write|read)?>\s*(\w+)\s*:\s*([\w<>]+)/g;
  for (const [, binding, space, access, name, type] of wgsl.matchAll(pattern)) {
    if (name === undefined || type === undefined) continue;
    found.set(name, {
      binding: Number(binding),
      access: space === 'uniform' ? 'uniform' : access === 'read_write' ? 'read_write' : 'read',
      type,
    });
  }
  return found;
}

/** The fields of a struct in a WGSL text: name to scalar type, in order. */
export function declaredFields(wgsl: string, struct: string): Map<string, string> {
  const body = new RegExp(`struct ${struct} \\{([^}]*)\\}`).exec(wgsl)?.[1] ?? '';
  const fields = new Map<string, string>();
  for (const [, name, type] of body.matchAll(/^\s*(\w+)\s*:\s*(\w+)\s*,/gm)) {
    if (name !== undefined && type !== undefined) fields.set(name, type);
  }
  return fields;
}

/** A buffer, or the part of one from `offset` (bytes, a multiple of 256) on. */
export interface View {
  readonly buffer: GPUBuffer;
  readonly offset?: number;
  readonly size?: number;
}

/** Compile-time numbers of a kernel; each becomes a WGSL `const`. */
export interface Constants {
  /** Invocations of a workgroup. */
  readonly WG: number;
  readonly [name: string]: number;
}

/** A compiled kernel. */
export interface Kernel<
  B extends Record<string, Access> = Record<string, Access>,
  P extends string = string,
> {
  readonly spec: KernelSpec<B, P>;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly bindings: ReadonlyMap<string, number>;
  readonly uniformBinding: number;
  /** Scalar type of each parameter. */
  readonly paramTypes: ReadonlyMap<string, string>;
  /** What it was compiled with. */
  readonly constants: Constants;
}

/** Compiles kernels, each distinct (kernel, constants) once. */
export class KernelCache {
  readonly #device: GPUDevice;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #kernels = new Map<string, Promise<Kernel>>();
  readonly #later = new Map<string, Kernel>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Number of kernels asked for so far. */
  get size(): number {
    return this.#kernels.size;
  }

  /** Throws RlvrError `shaderCompile` with the compiler's message and the line it points at. */
  get<B extends Record<string, Access>, P extends string>(
    spec: KernelSpec<B, P>,
    constants: Constants,
  ): Promise<Kernel<B, P>> {
    const key = `${spec.name} ${JSON.stringify(constants)}`;
    let kernel = this.#kernels.get(key);
    if (!kernel) {
      kernel = this.#compile(spec, constants);
      this.#kernels.set(key, kernel);
    }
    return kernel as unknown as Promise<Kernel<B, P>>;
  }

  /**
   * A kernel that few recipes need: its pipeline is made when a plan that has it is first encoded, and until then costs
   * nothing. That first encode waits for the compiler.
   */
  later<B extends Record<string, Access>, P extends string>(
    spec: KernelSpec<B, P>,
    constants: Constants,
  ): Kernel<B, P> {
    const key = `${spec.name} ${JSON.stringify(constants)}`;
    let kernel = this.#later.get(key);
    if (!kernel) {
      kernel = this.#lazy(spec, constants);
      this.#later.set(key, kernel);
    }
    return kernel as unknown as Kernel<B, P>;
  }

  #lazy(spec: KernelSpec, constants: Constants): Kernel {
    const { code, ...described } = this.#describe(spec, constants);
    let pipeline: GPUComputePipeline | null = null;
    const make = () => {
      const module = this.#module(spec.name, code);
      return this.#device.createComputePipeline(
        this.#descriptor(spec.name, module, described.layout),
      );
    };
    return {
      ...described,
      get pipeline() {
        return (pipeline ??= make());
      },
    };
  }

  async #compile(spec: KernelSpec, constants: Constants): Promise<Kernel> {
    const { code, ...described } = this.#describe(spec, constants);
    const module = this.#module(spec.name, code);
    return { ...described, pipeline: await this.#pipeline(spec.name, module, described.layout) };
  }

  /** The text of some kernels, parsed once. */
  #module(label: string, code: string): GPUShaderModule {
    let module = this.#modules.get(code);
    if (!module) {
      // An error in the text is told by the pipeline below; unscoped it would be reported twice.
      this.#device.pushErrorScope('validation');
      module = this.#device.createShaderModule({ label, code });
      void this.#device.popErrorScope().catch(() => null);
      this.#modules.set(code, module);
    }
    return module;
  }

  /** All of a kernel but its pipeline, with its text. */
  #describe(
    spec: KernelSpec,
    constants: Constants,
  ): Omit<Kernel, 'pipeline'> & { readonly code: string } {
    const header = Object.entries(constants).map(([name, value]) => `const ${name} = ${value}u;\n`);
    const code = unroll([...header, ...spec.lib, spec.wgsl].join('\n'), constants);
    const declared = declaredBindings(spec.wgsl);
    const bindings = new Map<string, number>();
    const entries: GPUBindGroupLayoutEntry[] = [];
    for (const [name, access] of Object.entries(spec.buffers)) {
      const found = declared.get(name);
      if (!found || found.access !== access) {
        throw compileError(spec.name, `the shader declares no ${access} buffer "${name}"`);
      }
      bindings.set(name, found.binding);
      entries.push({
        binding: found.binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
      });
    }
    const { name: uniform, binding: uniformBinding, type } = uniformOf(spec, declared);
    const paramTypes = declaredFields(spec.wgsl, type);
    if ([...paramTypes.keys()].join() !== spec.params.join()) {
      throw compileError(
        spec.name,
        `the fields of ${uniform} are ${[...paramTypes.keys()].join()}`,
      );
    }
    entries.push({
      binding: uniformBinding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: 'uniform' },
    });
    const layout = this.#device.createBindGroupLayout({ label: spec.name, entries });
    return { spec, code, layout, bindings, uniformBinding, paramTypes, constants };
  }

  #descriptor(
    name: string,
    module: GPUShaderModule,
    layout: GPUBindGroupLayout,
  ): GPUComputePipelineDescriptor {
    return {
      label: name,
      layout: this.#device.createPipelineLayout({ label: name, bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: name },
    };
  }

  async #pipeline(
    name: string,
    module: GPUShaderModule,
    layout: GPUBindGroupLayout,
  ): Promise<GPUComputePipeline> {
    try {
      return await this.#device.createComputePipelineAsync(this.#descriptor(name, module, layout));
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const first = messages.find((message) => message.type === 'error');
      throw compileError(
        name,
        first
          ? `line ${first.lineNum}: ${first.message}`
          : String((error as Error).message ?? error),
      );
    }
  }
}

function uniformOf(
  spec: KernelSpec,
  declared: Map<string, Declared>,
): { name: string; binding: number; type: string } {
  const wanted = spec.params.join();
  for (const [name, { access, binding, type }] of declared) {
    if (access !== 'uniform') continue;
    if ([...declaredFields(spec.wgsl, type).keys()].join() === wanted)
      return { name, binding, type };
  }
  throw compileError(spec.name, `the shader declares no uniform struct with the fields ${wanted}`);
}

function compileError(kernel: string, detail: string): RlvrError {
  return new RlvrError({ kind: 'shaderCompile', kernel, detail });
}
