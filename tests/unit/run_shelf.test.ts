import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RunShelf } from '../../src/storage/run_shelf';
import { keptRun } from '../setup/kept_run';

const ID = keptRun().id;
const other = 'ffffffff-0000-4000-8000-000000000002';

let shelf: RunShelf;
beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  shelf = await RunShelf.open();
});
afterEach(() => {
  shelf.close();
  vi.unstubAllGlobals();
});

const at = (step: number) =>
  keptRun({ step, changed: `2026-11-20T10:00:0${step}.000Z`, marks: [], checkpoint: null });

const bytes = Uint8Array.from({ length: 2_000 }, (_, i) => i % 251);

async function loadedStep(id = ID): Promise<number | string | undefined> {
  const loaded = await shelf.load(id);
  return loaded.ok ? loaded.value.run.step : loaded.problems[0]?.message;
}

type Harm = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array;

const flipped =
  (at: (length: number) => number): Harm =>
  (bytes) => {
    bytes[at(bytes.length)] ^= 1;
    return bytes;
  };

/** Changes a slot, one byte in its middle or something else, as a failing disk would. */
async function damage(slot: number, harm = flipped((length) => length >> 1)): Promise<void> {
  const database = await openDB('rlvr', 1);
  const value = (await database.get('slots', [ID, slot])) as { bytes: Uint8Array<ArrayBuffer> };
  await database.put('slots', { ...value, bytes: harm(value.bytes) });
  database.close();
}

describe('the shelf', () => {
  test('gives back the newest save of each run, and lists them newest first', async () => {
    for (const step of [1, 2, 3]) await shelf.save(at(step));
    await shelf.save({ ...at(4), id: other, name: 'Another' });
    expect(await loadedStep()).toBe(3);
    expect((await shelf.list()).map(({ name, step }) => [name, step])).toEqual([
      ['Another', 4],
      ['Two arms', 3],
    ]);
    expect((await shelf.list())[1]).toMatchObject({
      experiment: 'Two arms',
      arms: 2,
      seeds: 2,
      steps: 12,
      saves: 3,
      hasCheckpoint: false,
    });
  });

  test('holds two saves of a run and no more', async () => {
    for (const step of [1, 2, 3, 4, 5]) await shelf.save(at(step));
    const database = await openDB('rlvr', 1);
    expect(await database.count('slots')).toBe(2);
    database.close();
  });

  test.each([3, 4])('falls back to the save before where the newest is damaged', async (last) => {
    for (let step = 1; step <= last; step++) await shelf.save(at(step));
    await damage(last % 2);
    const loaded = await shelf.load(ID);
    expect(loaded.ok && [loaded.value.run.step, loaded.value.older]).toEqual([last - 1, true]);
    await damage((last + 1) % 2);
    expect(await loadedStep()).toBe('Both saves of “Two arms” are damaged; it cannot be opened.');
  });

  test('a byte flipped or a cut anywhere gives the save before; in both saves a sentence, and nothing half read', async () => {
    for (const step of [1, 2]) await shelf.save({ ...at(step), checkpoint: { step, bytes } });
    const database = await openDB('rlvr', 1);
    const [older, newest] = (await database.getAll('slots')) as { bytes: Uint8Array }[];
    const whole = [older, newest].map((slot) => ({ ...slot, bytes: slot.bytes.slice() }));
    const length = Math.min(...whole.map((slot) => slot.bytes.length));
    for (let place = 0; place < length; place += 97) {
      const harms: Harm[] = [flipped(() => place), (all) => all.slice(0, place)];
      for (const harm of harms) {
        for (const slot of whole) {
          await database.put('slots', { ...slot, bytes: slot.bytes.slice() });
        }
        await damage(0, harm);
        const loaded = await shelf.load(ID);
        expect(loaded.ok && [loaded.value.run.step, loaded.value.older]).toEqual([1, true]);
        expect(loaded.ok && loaded.value.run.checkpoint?.bytes).toEqual(bytes);
        await damage(1, harm);
        expect(await loadedStep()).toMatch(/^Both saves of “Two arms” are damaged/);
      }
    }
    database.close();
  });

  test('a save that does not fit leaves those before as they were', async () => {
    await shelf.save(at(1));
    await shelf.save(at(2));
    const full = new DOMException('no room', 'QuotaExceededError');
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw full;
    });
    await expect(shelf.save(at(3))).rejects.toBe(full);
    put.mockRestore();
    expect(await loadedStep()).toBe(2);
    expect((await shelf.list())[0]?.saves).toBe(2);
    await shelf.save(at(3));
    expect(await loadedStep()).toBe(3);
  });

  test('renames without touching the file, which keeps the new name when it is read', async () => {
    await shelf.save(at(1));
    await shelf.rename(ID, 'Renamed');
    await shelf.rename(other, 'nobody');
    const loaded = await shelf.load(ID);
    expect(loaded.ok && loaded.value.run.name).toBe('Renamed');
    expect(await shelf.list()).toHaveLength(1);
  });

  test('deletes a run with both its saves', async () => {
    await shelf.save(at(1));
    await shelf.save(at(2));
    await shelf.remove(ID);
    expect(await shelf.list()).toEqual([]);
    expect(await loadedStep()).toMatch(/^This run is no longer kept here/);
  });

  test('a run that was left on purpose is no longer so when it is saved again', async () => {
    await shelf.save(at(1));
    await shelf.setAside(ID, true);
    expect((await shelf.list())[0]?.aside).toBe(true);
    await shelf.save(at(2));
    expect((await shelf.list())[0]?.aside).toBe(false);
  });
});
