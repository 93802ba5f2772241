import { RlvrError, type Failure } from '../errors/failure';
import { readPolicyFiles, type PolicyFiles } from '../model/foreign/policy_files';
import type { Policy } from '../model/policy';
import type { PolicyEntry } from '../model/policy_facts';
import { SafetensorsError } from '../model/safetensors';
import { problemText } from '../recipe/untrusted';
import { openedOnce } from '../storage/opened_once';
import { lackingPolicy, PolicyShelf } from '../storage/policy_shelf';
import { storageFailure } from '../storage/storage_failure';

/** The policies that were imported: kept by the browser, or held by the page where it keeps nothing. */

const held = new Map<string, ReadonlyMap<string, Blob>>();

const openShelf = openedOnce((lost) => PolicyShelf.open(lost));

export function holdPolicy(id: string, files: ReadonlyMap<string, Blob>): void {
  held.set(id, files);
}

/** Throws RlvrError `badPolicy` where it is not here or is damaged. */
export async function ownPolicy(id: string): Promise<Policy> {
  try {
    return readPolicyFiles(await filesOf(id));
  } catch (error) {
    if (error instanceof SafetensorsError) return refuse(`${id} cannot be read: ${error.message}`);
    throw error;
  }
}

async function filesOf(id: string): Promise<PolicyFiles> {
  const blobs = held.get(id);
  if (blobs !== undefined) return bytesOf(blobs);
  const opened = await openShelf().catch(() => refuse(lackingPolicy(id)));
  const kept = await opened.files(id);
  return kept.ok ? kept.value : refuse(problemText(kept.problems));
}

/** The entry under which it is kept already, or null. Throws SafetensorsError for another policy of the same name. */
export async function knownPolicy({ id, digest }: PolicyEntry): Promise<PolicyEntry | null> {
  const opened = await openShelf().catch(() => null);
  const known = (await opened?.entry(id)) ?? null;
  if (known === null || known.digest === digest) return known;
  throw new SafetensorsError(`Another policy, “${known.name}”, is kept under the same name ${id}.`);
}

/** Null where the browser keeps it now, else why not; it is held then. */
export async function keepPolicy(entry: PolicyEntry, files: PolicyFiles): Promise<Failure | null> {
  try {
    await (await openShelf()).save(entry, files);
    return null;
  } catch (error) {
    return storageFailure(error);
  }
}

export async function bytesOf(blobs: ReadonlyMap<string, Blob>): Promise<PolicyFiles> {
  const files = new Map<string, Uint8Array>();
  for (const [name, blob] of blobs) files.set(name, new Uint8Array(await blob.arrayBuffer()));
  return files;
}

function refuse(detail: string): never {
  throw new RlvrError({ kind: 'badPolicy', detail });
}
