import { RlvrError } from '../errors/failure';
import { readPolicy, type Policy } from '../model/policy';
import { SafetensorsError } from '../model/safetensors';
import { isOwnPolicy } from '../recipe/own_policy';
import type { NamedRun } from './protocol';

const loaded = new Map<string, Promise<Policy>>();

/** Where public/ is served: next to the worker's folder in a build, at the server's root in development. */
export function publicUrl(path: string): URL {
  const base = import.meta.env.DEV
    ? new URL(import.meta.env.BASE_URL, self.location.origin)
    : new URL(/* @vite-ignore */ '../', import.meta.url);
  return new URL(path, base);
}

/** The base policies of all runs by name, each fetched once. Throws RlvrError `badPolicy`. */
export async function loadPolicies(
  runs: readonly NamedRun[],
): Promise<ReadonlyMap<string, Policy>> {
  const names = [...new Set(runs.map(({ recipe }) => recipe.policy))];
  // Imported ones may be large: no more of them are held than are trained.
  for (const name of loaded.keys())
    if (isOwnPolicy(name) && !names.includes(name)) loaded.delete(name);
  const policies = await Promise.all(names.map((name) => policyNamed(name)));
  return new Map(names.map((name, i) => [name, policies[i]]));
}

/** A policy that is not to be trained: an imported one is not held for longer than it is looked at. */
export function policyForNow(name: string): Promise<Policy> {
  return isOwnPolicy(name) ? (loaded.get(name) ?? ownPolicy(name)) : policyNamed(name);
}

/** What is not asked for on every page is loaded when it is. */
const ownPolicy = (name: string) => import('./own_policies').then((own) => own.ownPolicy(name));

function policyNamed(name: string): Promise<Policy> {
  let policy = loaded.get(name);
  if (!policy) {
    policy = isOwnPolicy(name) ? ownPolicy(name) : fetchPolicy(name);
    // A failed download may succeed the next time.
    policy.catch(() => loaded.delete(name));
    loaded.set(name, policy);
  }
  return policy;
}

async function fetchPolicy(name: string): Promise<Policy> {
  const fault = (detail: string) => new RlvrError({ kind: 'badPolicy', detail });
  const response = await fetch(publicUrl(`policies/${encodeURIComponent(name)}.safetensors`));
  if (!response.ok) throw fault(`the base policy ${name} could not be loaded (${response.status})`);
  try {
    return readPolicy(new Uint8Array(await response.arrayBuffer()));
  } catch (error) {
    if (error instanceof SafetensorsError)
      throw fault(`the base policy ${name} is damaged: ${error.message}`);
    throw error;
  }
}
