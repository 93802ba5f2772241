import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import type { RlvrError } from '../../src/errors/failure';
import { taskFor } from '../../src/engine/run_spec';
import { zipOf } from '../../src/model/foreign/zip';
import { parseExperiment } from '../../src/recipe/experiment';
import { PolicyShelf } from '../../src/storage/policy_shelf';
import { rolloutsProblems } from '../../src/storage/read_rollouts';
import {
  importPolicy as importOnPage,
  lacking,
  servePolicies,
  taskOf,
  unfit,
  usePolicies,
} from '../../src/store/policies';
import { taskNamed } from '../../src/tasks/registry';
import { importPolicy } from '../../src/worker/import_policy';
import { ownPolicy } from '../../src/worker/own_policies';
import { policyAnswer } from '../../src/worker/policy_answers';
import type { Event, PolicyRequest } from '../../src/worker/protocol';
import { bpeFolder } from '../setup/hf_bpe';

const chosen = (files = bpeFolder(), folder = 'bpe/') =>
  [...files].map(([name, bytes]) => ({
    path: `${folder}${name}`,
    file: new Blob([bytes as Uint8Array<ArrayBuffer>]),
  }));

async function imported(files = chosen()) {
  const answer = await importPolicy(files);
  if (answer.kind !== 'imported') throw new Error('it was not imported');
  return answer;
}

/** The worker's end, without a worker. */
function answering() {
  const listeners = new Set<(event: Event) => void>();
  const gpu = () => Promise.reject(new Error('no device'));
  return {
    subscribe: (listener: (event: Event) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    policy: (ask: number, request: PolicyRequest) => {
      const tell = (event: Event) => listeners.forEach((listener) => listener(event));
      policyAnswer(request, gpu).then(
        (answer) => tell({ type: 'policy', ask, answer, failure: null }),
        (error: unknown) =>
          tell({ type: 'policy', ask, answer: null, failure: (error as RlvrError).failure }),
      );
    },
  };
}

// One for all: page and worker keep theirs open.
afterEach(() => {
  servePolicies(null);
  vi.unstubAllGlobals();
});

test('what is refused is refused by name, and nothing is kept', async () => {
  const files = bpeFolder();
  files.delete('tokenizer.json');
  await expect(importPolicy(chosen(files))).rejects.toThrow('tokenizer.json');
  const shelf = await PolicyShelf.open();
  expect(await shelf.list()).toEqual([]);
  shelf.close();
  await expect(ownPolicy('own-0123456789abcdef')).rejects.toThrow('import it under Policies');
});

test('however it comes, a policy is the same; the second time it is already here', async () => {
  const first = await imported();
  expect([first.known, first.unkept, first.entry.name]).toEqual([false, null, 'bpe']);
  const zip = zipOf('other', bpeFolder());
  const again = await imported([{ path: 'another.zip', file: new Blob([zip]) }]);
  expect([again.known, again.entry.id, again.entry.name]).toEqual([true, first.entry.id, 'bpe']);
  const policy = await ownPolicy(first.entry.id);
  expect(policy.vocabulary).toEqual(first.entry.tokens?.vocabulary);
});

test('the page plays a task in the tokens of an imported policy, and knows what is lacking', async () => {
  const experiment = (policy: string) => {
    const read = parseExperiment({ version: 1, base: { task: 'chain-sum', policy } });
    if (!read.ok) throw new Error('it is not valid');
    return read.value;
  };
  servePolicies(answering());
  await importOnPage(chosen());
  const { entries, note } = usePolicies.getState();
  expect(note?.text).toMatch(/bpe” (?:was imported|is already here)/);
  const entry = entries?.[0];
  if (!entry) throw new Error('it is not listed');
  expect(await lacking(experiment(entry.id))).toBeNull();
  expect(await lacking(experiment('chain-sum'))).toBeNull();
  expect(await lacking(experiment('own-0123456789abcdef'))).toContain('own-0123456789abcdef');
  const played = taskFor(await ownPolicy(entry.id), taskNamed('chain-sum'));
  const here = taskOf({ task: 'chain-sum', policy: entry.id });
  expect([here.vocabulary, here.eos, here.promptLength]).toEqual([
    played.vocabulary,
    played.eos,
    played.promptLength,
  ]);
  expect(unfit(entry.id, 'maze')).toContain('"a1"');
  expect(unfit(entry.id, 'chain-sum')).toBeNull();
  expect(taskOf({ task: 'maze', policy: 'maze' })).toBe(taskNamed('maze'));
});

test('where the browser keeps nothing, it says so and holds the policy for as long as the page is open', async () => {
  vi.stubGlobal('indexedDB', undefined);
  vi.resetModules();
  const { importPolicy: fresh } = await import('../../src/worker/import_policy');
  const own = await import('../../src/worker/own_policies');
  const answer = await fresh(chosen());
  if (answer.kind !== 'imported') throw new Error('it was not imported');
  expect(answer.unkept?.failure.kind).toBe('storageBlocked');
  expect([...(answer.unkept?.files.keys() ?? [])]).toContain('config.json');
  expect((await own.ownPolicy(answer.entry.id)).spec).toEqual(answer.entry.facts.config);
});

test('rollouts in tokens that a file cannot know are lists of token ids, and no more is taken for granted', () => {
  const group = (token: unknown) => [
    { step: 1, prompt: [5, 70], responses: [{ tokens: [token], entropy: [0.5] }] },
  ];
  expect(rolloutsProblems('x', group(40_000), null)).toEqual([]);
  for (const token of [65_536, -1, 0.5, '1']) {
    expect(rolloutsProblems('x', group(token), null), String(token)).toHaveLength(1);
  }
  expect(rolloutsProblems('x', group(40_000), taskNamed('chain-sum')).length).toBeGreaterThan(0);
});
