import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { PolicyFiles } from '../model/foreign/policy_files';
import type { PolicyEntry } from '../model/policy_facts';
import { ownPolicyName } from '../recipe/own_policy';
import { quoted, refuse, type Result } from '../recipe/untrusted';
import { digestOf } from './run_file';

/** The files as they came. */
interface KeptFiles {
  readonly id: string;
  readonly files: readonly (readonly [name: string, bytes: Uint8Array])[];
}

interface Shelf extends DBSchema {
  readonly policies: { readonly key: string; readonly value: PolicyEntry };
  readonly files: { readonly key: string; readonly value: KeptFiles };
}

/** A database of its own: a new version of that of the runs would shut out other tabs. */
const DATABASE = 'rlvr-policies';

/** The same for the same files, however they came: their names and the SHA-256 of each, in the order of the names. */
export async function digestOfFiles(files: PolicyFiles): Promise<string> {
  const lines: string[] = [];
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`${hexadecimal(await digestOf(bytes as Uint8Array<ArrayBuffer>))} ${name}\n`);
  }
  return hexadecimal(await digestOf(new TextEncoder().encode(lines.join(''))));
}

const hexadecimal = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The policies that were imported into this browser (IndexedDB). */
export class PolicyShelf {
  readonly #database: IDBPDatabase<Shelf>;

  /** Rejects where the browser allows no storage. `lost` is called when it is taken away later. */
  static async open(lost: () => void = () => undefined, name = DATABASE): Promise<PolicyShelf> {
    const database = await openDB<Shelf>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('policies', { keyPath: 'id' });
        fresh.createObjectStore('files', { keyPath: 'id' });
      },
      blocking: lost,
      terminated: lost,
    });
    return new PolicyShelf(database);
  }

  private constructor(database: IDBPDatabase<Shelf>) {
    this.#database = database;
  }

  /** Newest first. */
  async list(): Promise<readonly PolicyEntry[]> {
    const entries = await this.#database.getAll('policies');
    return entries.sort((a, b) => b.imported.localeCompare(a.imported));
  }

  entry(id: string): Promise<PolicyEntry | undefined> {
    return this.#database.get('policies', id);
  }

  /** Whole or not at all. Rejects with a QuotaExceededError where the storage is full. */
  async save(entry: PolicyEntry, files: PolicyFiles): Promise<void> {
    const transaction = this.#database.transaction(['policies', 'files'], 'readwrite');
    const kept = { id: entry.id, files: [...files] };
    // A request that fails rejects here as well as in `done`, which alone is waited for.
    for (const request of [
      transaction.objectStore('files').put(kept),
      transaction.objectStore('policies').put(entry),
    ]) {
      request.catch(() => undefined);
    }
    await transaction.done;
  }

  /** The files as they came: bytes that have changed since are refused. */
  async files(id: string): Promise<Result<PolicyFiles>> {
    const [entry, kept] = await Promise.all([this.entry(id), this.#database.get('files', id)]);
    if (entry === undefined || kept === undefined) return refuse('policy', lackingPolicy(id));
    const files = new Map(kept.files);
    if ((await digestOfFiles(files)) === entry.digest && ownPolicyName(entry.digest) === id) {
      return { ok: true, value: files };
    }
    const what = `What was kept of the policy ${quoted(entry.name)} is damaged`;
    return refuse('policy', `${what}. Delete it and import it again.`);
  }

  async rename(id: string, name: string): Promise<void> {
    const transaction = this.#database.transaction('policies', 'readwrite');
    const entry = await transaction.store.get(id);
    if (entry !== undefined) await transaction.store.put({ ...entry, name });
    await transaction.done;
  }

  async remove(id: string): Promise<void> {
    const transaction = this.#database.transaction(['policies', 'files'], 'readwrite');
    await Promise.all([
      transaction.objectStore('policies').delete(id),
      transaction.objectStore('files').delete(id),
      transaction.done,
    ]);
  }

  close(): void {
    this.#database.close();
  }
}

/** Why something that names an imported policy cannot be used where it is not. */
export function lackingPolicy(id: string): string {
  return `It starts from the policy ${id}, which this browser does not have: import it under Policies first.`;
}
