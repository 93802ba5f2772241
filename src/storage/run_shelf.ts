import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { armRecipes } from '../recipe/experiment';
import { ownPolicies } from '../recipe/own_policy';
import { refuse, type Result } from '../recipe/untrusted';
import type { WriteRun } from './background_writer';
import { readRunFile } from './read_run_file';
import { writeRunFile, type KeptRun, type Parent } from './run_file';

/** A kept run as a list shows it; its file need not be read for that. */
export interface ShelfEntry {
  readonly id: string;
  readonly name: string;
  /** Name of the experiment. */
  readonly experiment: string;
  readonly arms: number;
  readonly seeds: number;
  readonly step: number;
  readonly steps: number;
  /** ISO 8601. */
  readonly created: string;
  readonly changed: string;
  readonly parent: Parent | null;
  /** Absent from what was last saved before there was a place for it. */
  readonly made?: Pick<KeptRun, 'program' | 'browser' | 'shaders' | 'adapter'>;
  /** Imported policies that its arms start from; runs that were saved before there were any have no list. */
  readonly policies?: readonly string[];
  /** Of its file. */
  readonly bytes: number;
  /** Whether it can be continued. */
  readonly hasCheckpoint: boolean;
  /** Whether it was left on purpose: it is kept, and the page does not ask to continue it. */
  readonly aside: boolean;
  /** Saves so far; the slot of the last is its remainder by two. */
  readonly saves: number;
}

/** One of the two places of a run's file. */
interface Slot {
  readonly run: string;
  readonly slot: number;
  readonly saves: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Shelf extends DBSchema {
  readonly runs: { readonly key: string; readonly value: ShelfEntry };
  readonly slots: { readonly key: [string, number]; readonly value: Slot };
}

/** A run read back. */
export interface Loaded {
  readonly run: KeptRun;
  /** The newest save was damaged; this is the one before. */
  readonly older: boolean;
}

/**
 * The runs kept in this browser (IndexedDB). Each has two slots that are written in turn, so that whatever happens to a
 * save, the one before is whole; the newest that reads without fault counts.
 */
export class RunShelf {
  readonly #database: IDBPDatabase<Shelf>;
  readonly #write: WriteRun;

  /**
   * Rejects where the browser allows no storage. `lost` is called when it is taken away later; `write` makes the files.
   */
  static async open(
    lost: () => void = () => undefined,
    write: WriteRun = writeRunFile,
    name = 'rlvr',
  ): Promise<RunShelf> {
    const database = await openDB<Shelf>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('runs', { keyPath: 'id' });
        fresh.createObjectStore('slots', { keyPath: ['run', 'slot'] });
      },
      blocking: lost,
      terminated: lost,
    });
    return new RunShelf(database, write);
  }

  private constructor(database: IDBPDatabase<Shelf>, write: WriteRun) {
    this.#database = database;
    this.#write = write;
  }

  /** Newest first. */
  async list(): Promise<readonly ShelfEntry[]> {
    const entries = await this.#database.getAll('runs');
    return entries.sort((a, b) => b.changed.localeCompare(a.changed));
  }

  /** Rejects with a QuotaExceededError where the storage is full; the saves before are untouched then. */
  async save(run: KeptRun): Promise<ShelfEntry> {
    const bytes = await this.#write(run);
    const transaction = this.#database.transaction(['runs', 'slots'], 'readwrite');
    const runs = transaction.objectStore('runs');
    const saves = ((await runs.get(run.id))?.saves ?? 0) + 1;
    const entry: ShelfEntry = {
      ...entryOf(run),
      bytes: bytes.length,
      aside: false,
      saves,
    };
    // A request that fails rejects here as well as in `done`, which alone is waited for.
    const slot = { run: run.id, slot: saves % 2, saves, bytes };
    for (const request of [transaction.objectStore('slots').put(slot), runs.put(entry)]) {
      request.catch(() => undefined);
    }
    await transaction.done;
    return entry;
  }

  /** The newest save that is whole. */
  async load(id: string): Promise<Result<Loaded>> {
    const entry = await this.#database.get('runs', id);
    const slots = await this.#database.getAll('slots', IDBKeyRange.bound([id, 0], [id, 1]));
    slots.sort((a, b) => b.saves - a.saves);
    if (entry === undefined || slots.length === 0) {
      return refuse('run', 'This run is no longer kept here; another tab may have deleted it.');
    }
    for (const [i, { bytes }] of slots.entries()) {
      const read = await readRunFile(new Uint8Array(bytes));
      if (read.ok && read.value.id === id) {
        return { ok: true, value: { run: { ...read.value, name: entry.name }, older: i > 0 } };
      }
    }
    return refuse('run', `Both saves of “${entry.name}” are damaged; it cannot be opened.`);
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#change(id, (entry) => ({ ...entry, name }));
  }

  /** The entry as it is then; undefined where there is none. */
  async setAside(id: string, aside: boolean): Promise<ShelfEntry | undefined> {
    return this.#change(id, (entry) => ({ ...entry, aside }));
  }

  async remove(id: string): Promise<void> {
    const transaction = this.#database.transaction(['runs', 'slots'], 'readwrite');
    await Promise.all([
      transaction.objectStore('runs').delete(id),
      transaction.objectStore('slots').delete(IDBKeyRange.bound([id, 0], [id, 1])),
      transaction.done,
    ]);
  }

  close(): void {
    this.#database.close();
  }

  async #change(
    id: string,
    change: (entry: ShelfEntry) => ShelfEntry,
  ): Promise<ShelfEntry | undefined> {
    const transaction = this.#database.transaction('runs', 'readwrite');
    const entry = await transaction.store.get(id);
    const changed = entry && change(entry);
    if (changed !== undefined) await transaction.store.put(changed);
    await transaction.done;
    return changed;
  }
}

type FromRun = Omit<ShelfEntry, 'bytes' | 'aside' | 'saves'>;

function entryOf({ experiment, step, checkpoint, ...run }: KeptRun): FromRun {
  const { id, name, created, changed, parent } = run;
  const { program, browser, shaders, adapter } = run;
  return {
    ...{ id, name, created, changed, parent, step },
    made: { program, browser, shaders, adapter },
    experiment: experiment.name,
    arms: experiment.arms.length,
    seeds: experiment.seeds.length,
    policies: ownPolicies(armRecipes(experiment).map(({ recipe }) => recipe)),
    // The same for all arms, which step together.
    steps: experiment.arms[0]?.set.steps ?? experiment.base.steps,
    hasCheckpoint: checkpoint !== null,
  };
}
