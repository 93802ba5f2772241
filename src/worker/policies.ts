import { RlvrError } from '../errors/failure';
import { readPolicy, type Policy } from '../model/policy';
import { SafetensorsError } from '../model/safetensors';
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
  const policies = await Promise.all(names.map((name) => policyNamed(name)));
  return new Map(names.map((name, i) => [name, policies[i]]));
}

function policyNamed(name: string): Promise<Policy> {
  let policy = loaded.get(name);
  if (!policy) {
    policy = fetchPolicy(name);
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
