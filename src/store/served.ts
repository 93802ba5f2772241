import type { EngineClient } from '../worker/client';
import { serveKernels } from './gpu_checks';
import { serveLayouts } from './layouts';
import { servePolicies } from './policies';
import { serveSoftmax } from './softmax';

/** Gives every part of the page that asks the worker by itself the one that is there now; null: none. */
export function serveAll(client: EngineClient | null): void {
  for (const serve of [serveSoftmax, serveKernels, serveLayouts, servePolicies]) serve(client);
}
