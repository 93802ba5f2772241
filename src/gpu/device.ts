import { RlvrError } from '../errors/failure';
import type { AdapterFacts } from '../recipe/adapter_facts';

/** How work is laid out for an adapter. Results do not depend on it: no kernel sums across invocations. */
export interface Profile {
  /** Register-blocked products: few, heavy invocations. */
  readonly matmul: number;
  /** Rows of outputs an invocation of a product keeps in registers. */
  readonly matmulRows: number;
  /** Table rows an invocation of the embedding's backward pass sums: every invocation walks all tokens. */
  readonly embeddingBlock: number;
  /** One invocation per row or head. */
  readonly row: number;
  /** One invocation per element. */
  readonly element: number;
  /** What is taken for this adapter's pace until something was measured: pace.ts. */
  readonly flopPerMs: number;
  readonly dispatchMs: number;
}

/** A CPU rasteriser spreads workgroups, not invocations, over its cores; a GPU wants full subgroups. */
const SOFTWARE_PROFILE: Profile = {
  matmul: 4,
  matmulRows: 16,
  embeddingBlock: 16,
  row: 16,
  element: 64,
  flopPerMs: 2e6,
  dispatchMs: 0.05,
};
/** The pace is that of a slow integrated GPU: nothing is lost where it is a hundred times faster. */
const GPU_PROFILE: Profile = {
  matmul: 32,
  matmulRows: 8,
  embeddingBlock: 1,
  row: 32,
  element: 64,
  flopPerMs: 20e6,
  dispatchMs: 0.01,
};

/** A device with what the engine must know of it. */
export interface Gpu {
  readonly device: GPUDevice;
  readonly facts: AdapterFacts;
  readonly profile: Profile;
  /** Waiting for this device keeps a core busy: see patience.ts. */
  readonly pollsBusily?: boolean;
  /** Milliseconds of work in a submit, at most, by estimate; SUBMIT_MS of pace.ts where it is not said. */
  readonly submitMs?: number;
}

export function profileOf(facts: AdapterFacts): Profile {
  return facts.software ? SOFTWARE_PROFILE : GPU_PROFILE;
}

export function factsOf(adapter: GPUAdapter): AdapterFacts {
  // Chrome before 127 has no `info`.
  const info = (adapter as Partial<GPUAdapter>).info;
  const { vendor = '', architecture = '', description = '', device = '' } = info ?? {};
  const named = `${vendor} ${architecture} ${description} ${device}`.toLowerCase();
  return {
    vendor,
    architecture,
    description: description || device,
    software:
      (info?.isFallbackAdapter ?? false) ||
      /swiftshader|llvmpipe|lavapipe|basic render/.test(named),
  };
}

/** Limits worth asking for when the adapter has more than the default. */
const WANTED_LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

/** Features that are used where the adapter has them: timestamps say what a kernel costs (timing.ts). */
const WANTED_FEATURES = ['timestamp-query'] as const;

/** Throws RlvrError `noWebGPU` or `noAdapter`; buffers larger than the defaults are asked for where they can be had. */
export async function requestGpu(gpu: GPU | undefined): Promise<Gpu> {
  if (!gpu) throw new RlvrError({ kind: 'noWebGPU' });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new RlvrError({ kind: 'noAdapter' });
  const requiredLimits: Record<string, number> = {};
  for (const limit of WANTED_LIMITS) requiredLimits[limit] = adapter.limits[limit];
  const requiredFeatures = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ label: 'rlvr', requiredLimits, requiredFeatures });
  const facts = factsOf(adapter);
  return { device, facts, profile: profileOf(facts) };
}

/** Runs `allocate` and throws RlvrError `outOfMemory` or `bug` where the device refuses what it asked for. */
export async function checked<T>(
  device: GPUDevice,
  bytes: () => number,
  allocate: () => T,
): Promise<T> {
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const attempt = attempted(allocate);
  const memory = await device.popErrorScope();
  const validation = await device.popErrorScope();
  if (memory) throw new RlvrError({ kind: 'outOfMemory', bytes: bytes() });
  if (validation) throw new RlvrError({ kind: 'bug', detail: validation.message });
  if ('error' in attempt) throw attempt.error;
  return attempt.value;
}

function attempted<T>(work: () => T): { value: T } | { error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}
