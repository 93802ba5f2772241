import type { Peers } from './harness/peer';
import { measure, type MeasureRequest } from './measure';

/** In Chromium, on the page index.html, which calls nothing: bench/run.mjs does. */
const PEERS: Peers = {
  'jax-js': () => import('./peers/jax.mjs'),
  tfjs: () => import('./peers/tfjs.mjs'),
  'ORT-web': () => import('./peers/onnx.mjs'),
};

Object.assign(globalThis, {
  measureHere: (request: MeasureRequest) => measure(request, PEERS, false),
});
