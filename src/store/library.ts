import { create } from 'zustand';
import type { Failure } from '../errors/failure';
import { LONGEST_NAME } from '../recipe/experiment_parts';
import { problemText, quoted, textProblem } from '../recipe/untrusted';
import { MOST_ROLLOUT_TOKENS } from '../storage/kept_findings';
import type { KeptRun } from '../storage/run_file';
import type { ShelfEntry } from '../storage/run_shelf';
import { storageFailure } from '../storage/storage_failure';
import {
  adoptRun,
  allWritten,
  nameRun,
  onSaved,
  openShelf,
  outliveFile,
  saveNow,
  useAutosave,
} from './autosave';
import { dropChoice } from './catalogue';
import { connect, saveSoon, takeUpKept, toggleRun } from './engine';
import { missingAt } from './fork';
import { experimentOf } from './kept_run';
import { linkTo } from './link';
import { useRun, type RunState } from './run';
import { isLocked } from './lesson';
import { lacking } from './policies';
import { showKept } from './show_kept';
import { heldRuns, holdRun } from './tab_lock';

export { MOST_ROLLOUT_TOKENS, type ShelfEntry };

export interface LibraryState {
  /** Newest first; null until they have been read. */
  readonly entries: readonly ShelfEntry[] | null;
  /** Ids of the runs that other tabs train. */
  readonly elsewhere: readonly string[];
  /** Bytes that this site uses, and may; null where the browser does not say. */
  readonly usage: { readonly used: number; readonly quota: number } | null;
  /** Why nothing can be kept here. */
  readonly failure: Failure | null;
  /** What the last action did, or why it did nothing, in a sentence. */
  readonly note: { readonly good: boolean; readonly text: string } | null;
  /** A run is being read or taken up. */
  readonly busy: boolean;
}

/** The runs kept in this browser. */
export const useLibrary = create<LibraryState>(() => ({
  entries: null,
  elsewhere: [],
  usage: null,
  failure: null,
  note: null,
  busy: false,
}));

/** Reads the list of kept runs. */
export async function refreshLibrary(): Promise<void> {
  try {
    const entries = await (await openShelf()).list();
    useLibrary.setState({ entries, failure: null });
  } catch (error) {
    useLibrary.setState({ entries: [], failure: storageFailure(error) });
  }
  const own = useAutosave.getState().run?.id;
  const elsewhere = (await heldRuns()).filter((id) => id !== own);
  useLibrary.setState({ elsewhere, usage: await storageUsed() });
}

/** Follows the page: the list after every save, a last save when a run fails or the page is hidden. Call once. */
export function followPage(): void {
  void refreshLibrary();
  onSaved((entry) => {
    useLibrary.setState(({ entries }) => ({
      entries: [entry, ...(entries ?? []).filter(({ id }) => id !== entry.id)].sort((a, b) =>
        b.changed.localeCompare(a.changed),
      ),
    }));
  });
  useRun.subscribe(({ status }, before) => {
    const failed = status === 'failed' && before.status !== 'failed';
    if (failed && useAutosave.getState().run !== null) saveNow();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') saveSoon();
  });
}

/** The run that the page asks to continue: the newest that was neither finished nor left on purpose nor is in use. */
export function unfinishedRun(
  entries: readonly ShelfEntry[] | null,
  inUse: readonly string[],
): ShelfEntry | null {
  const unfinished = (entry: ShelfEntry) =>
    !inUse.includes(entry.id) && !entry.aside && entry.hasCheckpoint && entry.step < entry.steps;
  return entries?.find(unfinished) ?? null;
}

/** Takes a kept run up where it stopped, in the place of what is on the page; trains on only if asked to. */
export async function openKept(id: string, { go = false } = {}): Promise<void> {
  await busily(async () => {
    if (isLocked()) return refuseWith(LOCKED);
    await stopped();
    const loaded = await (await openShelf()).load(id);
    if (!loaded.ok) return refuseWith(problemText(loaded.problems));
    const { run, older } = loaded.value;
    const lacks = await lacking(run.experiment);
    if (lacks !== null) return refuseWith(`“${run.name}” was not opened. ${lacks}`);
    if (!(await holdRun(id))) {
      return refuseWith(`“${run.name}” is open in another tab. Close it there first.`);
    }
    await takeUpRun(run);
    if (older) {
      tell(`The newest save of “${run.name}” was damaged. This is the one before it.`, false);
    }
    if (go && (await prepared())) toggleRun();
  });
}

/** Why nothing else is opened on a page that a teacher's link holds. */
export const LOCKED =
  'The link that opened this page keeps its experiment as it is. Open the page without it to do this.';

/** The same for a run that has been read. */
export async function takeUpRun(run: KeptRun): Promise<void> {
  dropChoice();
  await connected();
  const { checkpoint } = run;
  const canTrain = useRun.getState().adapter !== null;
  const step = checkpoint !== null && canTrain ? checkpoint.step : run.step;
  takeUpKept(experimentOf(run, step), {
    step,
    from: checkpoint && { bytes: checkpoint.bytes, of: {}, missing: missingAt(run, step) },
    show: () => showKept(run, step),
  });
  adoptRun(run, { step, at: Date.parse(run.changed) }, checkpoint);
  linkTo(run.catalogue);
}

/** Null where it was renamed, else what is wrong with the name. */
export async function renameKept(id: string, name: string): Promise<string | null> {
  const trimmed = name.trim();
  const problem = textProblem('name', LONGEST_NAME, trimmed);
  if (problem !== null) return problem;
  await busily(async () => {
    await allWritten();
    await (await openShelf()).rename(id, trimmed);
    nameRun(id, trimmed);
    await refreshLibrary();
  });
  return null;
}

export async function deleteKept({ id, name }: ShelfEntry): Promise<void> {
  await busily(async () => {
    await allWritten();
    await (await openShelf()).remove(id);
    // What is on the page goes on, and is kept as another run from its next save on.
    if (useAutosave.getState().run?.id === id) outliveFile();
    await refreshLibrary();
    tell(`${quoted(name)} was deleted.`);
  });
}

export function tell(text: string, good = true): void {
  useLibrary.setState({ note: { good, text } });
}

export function refuseWith(text: string): void {
  tell(text, false);
}

export function dismissNote(): void {
  useLibrary.setState({ note: null });
}

/** Runs one action on the library at a time; a storage that refuses becomes a sentence. */
export async function busily(work: () => Promise<void>): Promise<void> {
  if (useLibrary.getState().busy) return;
  useLibrary.setState({ busy: true, note: null });
  try {
    await work();
  } catch (error) {
    useLibrary.setState({ failure: storageFailure(error) });
  } finally {
    useLibrary.setState({ busy: false });
  }
}

/** Pauses what trains on the page; resolves when it is saved. */
export async function stopped(): Promise<void> {
  const { status, recorded } = useRun.getState();
  if (status === 'running') toggleRun();
  if (recorded === null) await until(({ status: now }) => now !== 'running');
  await allWritten();
}

/** Whether what was taken up is ready to train. */
export async function prepared(): Promise<boolean> {
  await until(({ status }) => status !== 'preparing' && status !== 'connecting');
  return useRun.getState().status === 'paused';
}

/** A worker that has failed is started again; one that cannot be had is done without. */
async function connected(): Promise<void> {
  const { status, failure } = useRun.getState();
  const hopeless = failure?.kind === 'noWebGPU' || failure?.kind === 'noAdapter';
  if (status === 'failed' && !hopeless) connect();
  await until(({ status: now }) => now !== 'connecting');
}

function until(holds: (state: RunState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (holds(useRun.getState())) return resolve();
    const stop = useRun.subscribe((state) => {
      if (!holds(state)) return;
      stop();
      resolve();
    });
  });
}

async function storageUsed(): Promise<LibraryState['usage']> {
  if (!('storage' in navigator)) return null;
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return usage === undefined || quota === undefined ? null : { used: usage, quota };
  } catch {
    return null;
  }
}
