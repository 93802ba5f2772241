import { create, globals } from 'webgpu';
import type { Peers } from './harness/peer';
import { caseNames, measure, type MeasureRequest } from './measure';

export { caseNames };

/** In Node, on Dawn. ONNX Runtime Web is not here: Dawn's `writeBuffer` refuses its heap. */
const PEERS: Peers = {
  'jax-js': () => import('./peers/jax.mjs'),
  tfjs: () => import('./peers/tfjs.mjs'),
};

/** Makes this process look like a browser to libraries that ask for one. */
export function measureInNode(request: MeasureRequest) {
  Object.assign(globalThis, globals);
  const dawn = { userAgent: 'Node.js', gpu: create([]) };
  Object.defineProperty(globalThis, 'navigator', { value: dawn, configurable: true });
  return measure(request, PEERS, true);
}
