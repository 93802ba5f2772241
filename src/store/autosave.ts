import { create } from 'zustand';
import { backgroundWriter } from '../storage/background_writer';
import { openedOnce } from '../storage/opened_once';
import { otherShaders } from '../storage/other_shaders';
import { RunShelf, type ShelfEntry } from '../storage/run_shelf';
import { storageFailure, type StorageFailure } from '../storage/storage_failure';
import type { KeptCheckpoint, KeptRun } from '../storage/run_file';
import { addCheckpoint, clearCheckpoints, newestCheckpoint } from './checkpoints';
import { useExperiment } from './experiment';
import { allEvaluationsOf, allMeasurementsOf } from './findings';
import { aboutNow } from './history';
import { keptRunNow, type RunIdentity } from './kept_run';
import { groupsOf } from './rollouts';
import { useRun } from './run';
import { series } from './series';
import { useShaders } from './shaders';
import { holdRun, letRunGo } from './tab_lock';

export interface AutosaveState {
  /** The run on the page; null before its first save. */
  readonly run: RunIdentity | null;
  /** Its last save: the step, and when (Date.now()). */
  readonly saved: { readonly step: number; readonly at: number } | null;
  /** Why the last save failed, or was of the numbers alone. */
  readonly problem: StorageFailure | null;
}

const NOTHING: AutosaveState = { run: null, saved: null, problem: null };

/** How the run on the page is kept. */
export const useAutosave = create<AutosaveState>(() => NOTHING);

const writeInBackground = backgroundWriter();
/** Saves and what else writes, one after another. */
let writing: Promise<unknown> = Promise.resolve();
/** What is to be saved, by id: a run that the page has left meanwhile, too. */
const waiting = new Map<string, KeptRun>();
let asked = false;
const followers = new Set<(entry: ShelfEntry) => void>();

/** The place where runs are kept. Rejects where the browser allows none. */
export const openShelf = openedOnce((lost) => RunShelf.open(lost, writeInBackground));

/** Calls `follow` with every entry that has changed on the shelf; returns the way out. */
export function onSaved(follow: (entry: ShelfEntry) => void): () => void {
  followers.add(follow);
  return () => followers.delete(follow);
}

/** The worker has sent the state of all runs: keeps it, and the run with it. */
export function receiveSaved({ step, bytes }: KeptCheckpoint): void {
  addCheckpoint({ step, bytes });
  saveNow();
}

/** The page leaves the run on it, for another or for its own beginning; it stays kept. */
export function leaveRun(): void {
  const { run } = useAutosave.getState();
  clearCheckpoints();
  useAutosave.setState(NOTHING);
  if (run === null) return;
  letRunGo(run.id);
  setAside(run.id, true);
}

/** The run on the page is one that is kept, or is to be; `at` is when and where it was saved. */
export function adoptRun(
  { id, name, created, parent, shaders }: RunIdentity,
  saved: AutosaveState['saved'],
  checkpoint: KeptCheckpoint | null,
): void {
  useAutosave.setState({ ...NOTHING, run: { id, name, created, parent, shaders }, saved });
  void holdRun(id, true);
  if (checkpoint !== null) addCheckpoint(checkpoint);
  setAside(id, false);
}

/** The name under which the run on the page is saved from now on. */
export function nameRun(id: string, name: string): void {
  useAutosave.setState(({ run }) => ({ run: run?.id === id ? { ...run, name } : run }));
}

/** Saves the run on the page as it stands; of several calls while a save is under way the last counts. */
export function saveNow(): void {
  if (useAutosave.getState().run === null) beginRun();
  const run = runOnPage();
  if (run === null) return;
  if (waiting.size === 0) write(save);
  waiting.set(run.id, run);
}

/** Something was found of the runs on the page: while they train, their next save holds it. */
export function saveFound(): void {
  if (useAutosave.getState().run !== null && useRun.getState().status !== 'running') saveNow();
}

/** When everything that was to be written has been. */
export function allWritten(): Promise<unknown> {
  return writing;
}

/** The run on the page with its newest checkpoint; null before its first step. */
export function runOnPage(): KeptRun | null {
  const { run } = useAutosave.getState();
  if (run === null) return null;
  return keptRunNow(run, {
    experiment: { ...useExperiment.getState(), about: aboutNow() },
    series,
    adapter: useRun.getState().adapter,
    shaders: useShaders.getState().hash,
    checkpoint: newestCheckpoint(),
    evaluations: allEvaluationsOf,
    measurements: allMeasurementsOf,
    groups: groupsOf,
  });
}

/** What to say where the run on the page was begun by another version of it; null where there is nothing to say. */
export function useOtherShaders(): string | null {
  const made = useAutosave(({ run }) => run?.shaders ?? null);
  const here = useShaders(({ hash }) => hash);
  return otherShaders(made, here);
}

function beginRun(): void {
  const { name } = useExperiment.getState();
  const { hash: shaders } = useShaders.getState();
  const id = crypto.randomUUID();
  useAutosave.setState({
    ...NOTHING,
    run: { id, name, created: new Date().toISOString(), parent: null, shaders },
  });
  void holdRun(id);
}

/** The file of the run on the page is gone: it goes on as another run from its next save on, with the same ancestry. */
export function outliveFile(): void {
  useAutosave.setState(({ run }) => {
    if (run === null) return {};
    letRunGo(run.id);
    const id = crypto.randomUUID();
    void holdRun(id);
    return { run: { ...run, id }, saved: null };
  });
}

function setAside(id: string, aside: boolean): void {
  write(async () => {
    const entry = await (await openShelf()).setAside(id, aside);
    if (entry !== undefined) tellFollowers(entry);
  });
}

function tellFollowers(entry: ShelfEntry): void {
  for (const follow of followers) follow(entry);
}

function write(work: () => Promise<unknown>): void {
  writing = writing.then(work).catch(() => undefined);
}

async function save(): Promise<void> {
  const runs = [...waiting.values()];
  waiting.clear();
  for (const run of runs) await saveOne(run);
}

async function saveOne(run: KeptRun): Promise<void> {
  try {
    const opened = await openShelf();
    const { entry, problem } = await saveWhatFits(opened, run);
    if (useAutosave.getState().run?.id === run.id) {
      useAutosave.setState({ saved: { step: run.step, at: Date.now() }, problem });
    }
    tellFollowers(entry);
    askToPersist();
  } catch (error) {
    if (useAutosave.getState().run?.id === run.id) {
      useAutosave.setState({ problem: storageFailure(error) });
    }
  }
}

/** Where the storage is full the numbers are kept without the weights. */
async function saveWhatFits(
  opened: RunShelf,
  run: KeptRun,
): Promise<{ entry: ShelfEntry; problem: AutosaveState['problem'] }> {
  try {
    return { entry: await opened.save(run), problem: null };
  } catch (error) {
    if (storageFailure(error).kind !== 'storageFull' || run.checkpoint === null) throw error;
    const entry = await opened.save({ ...run, checkpoint: null });
    return { entry, problem: { kind: 'storageFull', kept: 'numbers' } };
  }
}

/** Once a visit, and only when there is something to lose: browsers may clear what is not meant to persist. */
function askToPersist(): void {
  if (asked || !('storage' in navigator)) return;
  asked = true;
  void navigator.storage.persist().catch(() => undefined);
}
