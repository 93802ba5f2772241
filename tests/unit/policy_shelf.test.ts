import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { policyFacts } from '../../src/engine/policy_facts';
import { readPolicyFiles } from '../../src/model/foreign/policy_files';
import type { PolicyEntry } from '../../src/model/policy_facts';
import { isOwnPolicy, ownPolicies, ownPolicyName } from '../../src/recipe/own_policy';
import { settingProblems } from '../../src/recipe/schema';
import { problemText } from '../../src/recipe/untrusted';
import { digestOfFiles, PolicyShelf } from '../../src/storage/policy_shelf';
import { bpeFolder } from '../setup/hf_bpe';

const files = bpeFolder();

async function entryOf(): Promise<PolicyEntry> {
  const digest = await digestOfFiles(files);
  return {
    id: ownPolicyName(digest),
    name: 'bpe',
    digest,
    bytes: 1,
    imported: '2026-11-22T05:00:00.000Z',
    facts: policyFacts(readPolicyFiles(files)),
    tokens: null,
  };
}

let shelf: PolicyShelf;
beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  shelf = await PolicyShelf.open();
});
afterEach(() => {
  shelf.close();
  vi.unstubAllGlobals();
});

test('a policy is named by its content: the same whatever the order, another for another byte or name', async () => {
  const digest = await digestOfFiles(files);
  expect(await digestOfFiles(new Map([...files].reverse()))).toBe(digest);
  const config = files.get('config.json')!.slice();
  config[config.length - 1] ^= 1;
  expect(await digestOfFiles(new Map([...files, ['config.json', config]]))).not.toBe(digest);
  const renamed = new Map([...files].map(([name, bytes]) => [`${name}x`, bytes]));
  expect(await digestOfFiles(renamed)).not.toBe(digest);
  const name = ownPolicyName(digest);
  expect(isOwnPolicy(name)).toBe(true);
  expect(settingProblems('policy', name)).toEqual([]);
  for (const other of [
    'own-',
    `${name}0`,
    name.toUpperCase(),
    `../${name}`,
    'own-0123456789abcdeg',
  ]) {
    expect(isOwnPolicy(other), other).toBe(false);
    expect(settingProblems('policy', other), other).toHaveLength(1);
  }
  expect(settingProblems('policy', name, { own: false })).toHaveLength(1);
  expect(ownPolicies([{ policy: name }, { policy: 'maze' }, { policy: name }])).toEqual([name]);
});

test('what is kept comes back as it came, under another name too, and is gone when it is deleted', async () => {
  const entry = await entryOf();
  await shelf.save(entry, files);
  const read = await shelf.files(entry.id);
  expect(read).toEqual({ ok: true, value: files });
  await shelf.rename(entry.id, 'Mine');
  expect((await shelf.list()).map(({ name }) => name)).toEqual(['Mine']);
  await shelf.remove(entry.id);
  expect(await shelf.list()).toEqual([]);
  const gone = await shelf.files(entry.id);
  expect(!gone.ok && problemText(gone.problems)).toContain('import it under Policies');
});

test('bytes that have changed in the browser are refused', async () => {
  const entry = await entryOf();
  await shelf.save(entry, files);
  const database = await openDB('rlvr-policies', 1);
  const kept = (await database.get('files', entry.id)) as { files: [string, Uint8Array][] };
  kept.files[0][1][0] ^= 1;
  await database.put('files', kept);
  database.close();
  const read = await shelf.files(entry.id);
  expect(!read.ok && problemText(read.problems)).toContain('damaged');
});

test('facts name what a task lacks', () => {
  const { tasks, parameters, tokenizer, config } = policyFacts(readPolicyFiles(files));
  expect(tokenizer).toBe('its own');
  expect(parameters).toBeGreaterThan(config.vocab_size * config.hidden_size);
  const fit = (name: string) => tasks.find(({ task }) => task === name);
  expect(fit('chain-sum')?.bytes).toBeGreaterThan(0);
  expect(fit('maze')?.bytes).toBeNull();
  expect(fit('maze')?.why).toContain('"a1"');
});
