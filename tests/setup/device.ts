import { afterAll, afterEach } from 'vitest';

/**
 * GPU devices for tests. A test that ends with an error nobody scoped (`pushErrorScope`), or with
 * its device lost, fails. Devices have WebGPU's default limits and no optional features, so a kernel
 * that needs more than any device must give fails here, on whatever adapter.
 */

const noAdapter =
  'No GPU adapter: run `npm run setup` (it finds or installs Chromium, whose SwiftShader driver Dawn can use), ' +
  'or point VK_ICD_FILENAMES at a Vulkan driver. GPU tests never skip.';

const opened: GPUDevice[] = [];
const problems: string[] = [];
let shared: GPUDevice | undefined;

/** The adapter the tests compute on; throws where none can be had. */
export async function testAdapter(): Promise<GPUAdapter> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error(noAdapter);
  return adapter;
}

/** The test file's device: the same one at every call, until something destroys it. */
export async function testDevice(): Promise<GPUDevice> {
  shared ??= await freshDevice();
  return shared;
}

/** A device of the test's own, for tests that lose or destroy it. */
export async function freshDevice(descriptor: GPUDeviceDescriptor = {}): Promise<GPUDevice> {
  const adapter = await testAdapter();
  const device = await adapter.requestDevice(descriptor);
  opened.push(device);
  device.addEventListener('uncapturederror', ({ error }) => {
    problems.push(`${error.constructor.name}: ${error.message}`);
  });
  void device.lost.then(({ reason, message }) => {
    if (device === shared) shared = undefined;
    if (reason !== 'destroyed') problems.push(`device lost (${reason}): ${message}`);
  });
  return device;
}

/** What went wrong since the last call and no error scope caught; for tests of this very file. */
export async function uncapturedErrors(): Promise<readonly string[]> {
  // Dawn reports errors with the work they belong to, so wait for that.
  await Promise.all(
    opened.map((device) => device.queue.onSubmittedWorkDone().catch(() => undefined)),
  );
  return problems.splice(0);
}

afterEach(async () => {
  const errors = await uncapturedErrors();
  if (errors.length > 0) throw new Error(`Uncaptured GPU errors:\n${errors.join('\n')}`);
});

afterAll(() => {
  for (const device of opened.splice(0)) device.destroy();
});
