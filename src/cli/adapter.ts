import { create, globals } from 'webgpu';
import { dependencies } from '../../package.json';
import { failureLine } from '../errors/describe';
import { RlvrError } from '../errors/failure';
import { factsOf, requestGpu, type Gpu } from '../gpu/device';
import type { AdapterFacts } from '../recipe/adapter_facts';

/** What runs the program, in the words of records: there it stands where a page would name its browser. */
export const RUNTIME = `Node ${process.version}, webgpu ${dependencies.webgpu}`;

let globalsReady = false;
/** Kept for good: once an instance is collected, its devices crash the process (webgpu 0.6.2). */
const instances: GPU[] = [];

/** Dawn with the given flags; GPUBufferUsage and its like become globals, as in a browser. */
function dawn(flags: string[]): GPU {
  if (!globalsReady) {
    Object.assign(globalThis, globals);
    globalsReady = true;
  }
  // For developers, e.g. enable-dawn-features=disable_robustness: a third faster on SwiftShader, without bounds checks.
  const extra = process.env.RLVR_DAWN_FLAGS?.split(',').filter(Boolean) ?? [];
  const instance = create([...flags, ...extra]);
  instances.push(instance);
  return instance;
}

/** Points Vulkan at the software driver the set-up found; false where there is none or the user chose one. */
function chooseSoftware(): boolean {
  const icd = process.env.RLVR_SOFTWARE_ICD;
  if (!icd || process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return false;
  process.env.VK_ICD_FILENAMES = icd;
  return true;
}

/** An error that no scope caught means wrong numbers from here on: the process ends with its sentence. */
function watched(gpu: Gpu): Gpu {
  gpu.device.addEventListener('uncapturederror', ({ error }) => {
    process.stderr.write(`${failureLine({ kind: 'bug', detail: error.message })}\n`);
    process.exit(1);
  });
  return { ...gpu, pollsBusily: true };
}

/** The adapter whose name contains `wanted`; without it the default one, or SwiftShader where there is no GPU. */
export async function openGpu(wanted: string | undefined): Promise<Gpu> {
  const flags = wanted && wanted !== 'software' ? [`adapter=${wanted}`] : [];
  if (wanted === 'software') chooseSoftware();
  try {
    return watched(await requestGpu(dawn(flags)));
  } catch (error) {
    const none = error instanceof RlvrError && error.failure.kind === 'noAdapter';
    if (!none || wanted !== undefined || !chooseSoftware()) throw error;
    return watched(await requestGpu(dawn(flags)));
  }
}

/** What can be used here: the default adapter, and the software one. */
export async function listAdapters(): Promise<
  readonly (AdapterFacts & { readonly pick: string })[]
> {
  const found: (AdapterFacts & { pick: string })[] = [];
  const first = await dawn([]).requestAdapter();
  if (first) {
    const facts = factsOf(first);
    found.push({ ...facts, pick: facts.software ? 'software' : first.info.device || 'default' });
  }
  if (!found.some(({ software }) => software) && chooseSoftware()) {
    const software = await dawn([]).requestAdapter();
    if (software) found.push({ ...factsOf(software), pick: 'software' });
  }
  return found;
}
