import { create, globals } from 'webgpu';
import { prepareVulkan } from '../../tools/environment.mjs';

// Dawn stands in for the browser: GPUBufferUsage and its like as globals, and navigator.gpu.
// vulkan.ts has chosen the driver; this only loads a Vulkan loader where the system has none.
prepareVulkan();
Object.assign(globalThis, globals);

const dawn = create([]);
const navigator: object = globalThis.navigator ?? {};
Object.defineProperty(navigator, 'gpu', { value: dawn, configurable: true });
Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
