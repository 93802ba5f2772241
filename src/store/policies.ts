import { create } from 'zustand';
import { describeFailure } from '../errors/describe';
import type { Failure } from '../errors/failure';
import type { PolicyEntry, PolicyFacts } from '../model/policy_facts';
import { LONGEST_NAME } from '../recipe/experiment_parts';
import { armRecipes, type Experiment } from '../recipe/experiment';
import { ownPolicies } from '../recipe/own_policy';
import type { Recipe } from '../recipe/recipe';
import { quoted, refuse, textProblem, type Result } from '../recipe/untrusted';
import { openedOnce } from '../storage/opened_once';
import { lackingPolicy, PolicyShelf } from '../storage/policy_shelf';
import { storageFailure } from '../storage/storage_failure';
import { taskInTokens } from '../tasks/in_tokens';
import { taskNamed } from '../tasks/registry';
import type { Task } from '../tasks/task';
import type { Event, PolicyAnswer, PolicyRequest } from '../worker/protocol';

/** The policies that a reader imported, and what the worker says of any policy. */
export interface PoliciesState {
  /** Newest first; null until they have been read. */
  readonly entries: readonly PolicyEntry[] | null;
  /** Ids of those that are here until the page is closed, and no longer. */
  readonly heldOnly: readonly string[];
  /** Of policies by their name in recipes, as far as they were asked for. */
  readonly facts: Readonly<Record<string, PolicyFacts>>;
  readonly note: { readonly good: boolean; readonly text: string } | null;
  readonly busy: boolean;
}

export const usePolicies = create<PoliciesState>(() => ({
  entries: null,
  heldOnly: [],
  facts: {},
  note: null,
  busy: false,
}));

interface Held {
  readonly entry: PolicyEntry;
  readonly files: ReadonlyMap<string, Blob>;
}

/** What the browser does not keep, by id. */
const held = new Map<string, Held>();

/** What is needed of the worker's client. */
export interface PolicyReader {
  policy(ask: number, request: PolicyRequest): void;
  subscribe(listener: (event: Event) => void): () => void;
}

let reader: PolicyReader | null = null;
let asked = 0;
const waiting = new Map<number, (result: Result<PolicyAnswer>) => void>();

/** Hands over the worker that reads policies, or none; it is given what the browser does not keep. */
export function servePolicies(next: PolicyReader | null): void {
  reader = next;
  for (const answer of waiting.values()) answer(refuse('policy', GONE));
  waiting.clear();
  next?.subscribe((event) => {
    if (reader !== next) return;
    if (event.type === 'failed' && event.failure.kind === 'workerCrashed') servePolicies(null);
    if (event.type !== 'policy') return;
    const { ask, answer, failure } = event;
    waiting.get(ask)?.(
      answer === null ? refuse('policy', words(failure)) : { ok: true, value: answer },
    );
    waiting.delete(ask);
  });
  for (const [id, { files }] of held) void askReader({ kind: 'hold', id, files });
}

const GONE =
  'The part of the page that trains is not there, and it is what reads policies: WebGPU is needed for it.';

function words(failure: Failure | null): string {
  if (failure === null) return GONE;
  return failure.kind === 'badInput' ? failure.detail : describeFailure(failure).what;
}

/** Asks the worker. A refusal is a sentence. */
export function askReader(request: PolicyRequest): Promise<Result<PolicyAnswer>> {
  const own = reader;
  if (own === null) return Promise.resolve(refuse('policy', GONE));
  const ask = (asked += 1);
  return new Promise((resolve) => {
    waiting.set(ask, resolve);
    own.policy(ask, request);
  });
}

const openShelf = openedOnce((lost) => PolicyShelf.open(lost));

/** Reads the list of imported policies. */
export async function refreshPolicies(): Promise<readonly PolicyEntry[]> {
  const kept = await openShelf()
    .then((opened) => opened.list())
    .catch(() => []);
  const own = [...held.values()].map(({ entry }) => entry);
  const entries = [...own, ...kept.filter(({ id }) => !held.has(id))];
  usePolicies.setState({ entries, heldOnly: [...held.keys()] });
  return entries;
}

/** Why an experiment cannot be used in this browser: it names an imported policy that is not here. Null where it can. */
export async function lacking(experiment: Experiment): Promise<string | null> {
  const named = ownPolicies(armRecipes(experiment).map(({ recipe }) => recipe));
  if (named.length === 0) return null;
  const entries = await refreshPolicies();
  const absent = named.find((id) => !entries.some((entry) => entry.id === id));
  return absent === undefined ? null : lackingPolicy(absent);
}

export function policyEntry(id: string): PolicyEntry | undefined {
  return usePolicies.getState().entries?.find((entry) => entry.id === id);
}

const played = new WeakMap<PolicyEntry, Map<string, Task>>();

/** The task of a recipe in the tokens of its policy; in its own where the policy has no others. */
export function taskOf({ task: name, policy }: Pick<Recipe, 'task' | 'policy'>): Task {
  const task = taskNamed(name);
  const entry = policyEntry(policy);
  if (!entry?.tokens || unfit(policy, name) !== null) return task;
  const known = played.get(entry) ?? new Map<string, Task>();
  const own = known.get(name) ?? taskInTokens(task, entry.tokens);
  played.set(entry, known.set(name, own));
  return own;
}

/** Why an imported policy cannot play a task; null where it can, and for others. */
export function unfit(policy: string, task: string): string | null {
  return policyEntry(policy)?.facts.tasks.find((fit) => fit.task === task)?.why ?? null;
}

/** Reads what was chosen or dropped, and keeps it. What is wrong is refused in a sentence, and nothing has changed then. */
export async function importPolicy(
  files: readonly { readonly path: string; readonly file: Blob }[],
): Promise<void> {
  await busily(async () => {
    const what = quoted(files[0]?.path.split('/')[0] ?? 'The policy');
    const answer = await askReader({ kind: 'import', files });
    if (!answer.ok) return tell(`${what} was not imported. ${sentence(answer)}`, false);
    if (answer.value.kind !== 'imported') return;
    const { entry, known, unkept } = answer.value;
    if (unkept !== null) held.set(entry.id, { entry, files: unkept.files });
    await refreshPolicies();
    if (known) return tell(`“${entry.name}” is already here.`);
    if (unkept === null) return tell(`“${entry.name}” was imported.`);
    const { what: why } = describeFailure(unkept.failure);
    tell(
      `“${entry.name}” is here until this page is closed: the browser does not keep it. ${why}`,
      false,
    );
  });
}

/** Finds out what a base policy is; of an imported one that is known. */
export async function findFacts(policy: string): Promise<void> {
  if (policyEntry(policy) !== undefined || usePolicies.getState().facts[policy]) return;
  const answer = await askReader({ kind: 'facts', policy });
  if (!answer.ok) return tell(sentence(answer), false);
  if (answer.value.kind !== 'facts') return;
  const { facts } = answer.value;
  usePolicies.setState((state) => ({ facts: { ...state.facts, [policy]: facts } }));
}

/** Null where it was renamed, else what is wrong with the name. */
export async function renamePolicy(id: string, name: string): Promise<string | null> {
  const trimmed = name.trim();
  const problem = textProblem('name', LONGEST_NAME, trimmed);
  if (problem !== null) return problem;
  const own = held.get(id);
  if (own !== undefined) held.set(id, { ...own, entry: { ...own.entry, name: trimmed } });
  else await busily(async () => (await openShelf()).rename(id, trimmed));
  await refreshPolicies();
  return null;
}

export async function deletePolicy({ id, name }: PolicyEntry): Promise<void> {
  await busily(async () => {
    if (!held.delete(id)) await (await openShelf()).remove(id);
    await refreshPolicies();
    tell(`${quoted(name)} was deleted.`);
  });
}

export function tell(text: string, good = true): void {
  usePolicies.setState({ note: { good, text } });
}

export function dismissPolicyNote(): void {
  usePolicies.setState({ note: null });
}

const sentence = ({ problems }: Extract<Result<unknown>, { ok: false }>) =>
  problems[0]?.message ?? '';

async function busily(work: () => Promise<void>): Promise<void> {
  if (usePolicies.getState().busy) return;
  usePolicies.setState({ busy: true, note: null });
  try {
    await work();
  } catch (error) {
    tell(describeFailure(storageFailure(error)).what, false);
  } finally {
    usePolicies.setState({ busy: false });
  }
}
