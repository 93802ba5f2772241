import { create } from 'zustand';
import { describeFailure } from '../errors/describe';
import type { Failure } from '../errors/failure';
import { adoptRun, runOnPage, saveNow, useAutosave } from './autosave';
import { choiceNow } from './catalogue';
import { newestCheckpoint, useCheckpoints } from './checkpoints';
import { connect, prepareAgain, rescueBy, reset, takeUpKept, workerOfPage } from './engine';
import { missingAt, startOf } from './fork';
import { experimentOf } from './kept_run';
import { openKept, prepared } from './library';
import { useRun } from './run';
import { showKept } from './show_kept';

/** A loss that comes sooner after one that was mended is the same one come back: then a person decides. */
const QUIET_MS = 10 * 60_000;

export interface RecoveryState {
  /** What went wrong and was mended without anybody's doing, in a few sentences. */
  readonly note: string | null;
}

export const useRecovery = create<RecoveryState>(() => ({ note: null }));

/** When a device was lost last, in performance.now() milliseconds. */
let lostAt = -Infinity;
/** The step at which it was, while the run is taken up again. */
let recovering: number | null = null;

/** Where a fork was to begin, until it has: it is not kept before, and the run it comes from is. */
let parent: { readonly run: string; readonly choice: number } | null = null;

/** If the fork that is being prepared fails, its parent is what to try again with. */
export function fallBackTo(run: string): void {
  parent = { run, choice: choiceNow() };
}

/** Has the page mend by itself what it can. Call once. */
export function mendByItself(): void {
  rescueBy(rescue);
  useRun.subscribe(({ status, recorded }, before) => {
    const begins = status === 'preparing' && before.status !== 'preparing';
    const plays = recorded !== null && before.recorded === null;
    // What was mended is told until something else is on the page.
    if (recovering === null && (begins || plays)) dismissRecovery();
    if (status !== before.status && (status === 'ready' || status === 'paused')) parent = null;
  });
}

export function dismissRecovery(): void {
  if (useRecovery.getState().note !== null) useRecovery.setState({ note: null });
}

/** Begins anew after a failure: with the run that is on the page, where it was saved, or the one that it is a fork of. */
export function tryAgain(): void {
  const { run } = useAutosave.getState();
  if (run !== null && newestCheckpoint() !== null) void openKept(run.id);
  else if (run === null && parent?.choice === choiceNow()) void openKept(parent.run);
  else connect();
}

function rescue(failure: Failure): Failure | null {
  // Browsers that have lost several devices give none for a while.
  const isLoss =
    failure.kind === 'deviceLost' || (recovering !== null && failure.kind === 'noAdapter');
  if (isLoss) return afterLoss('detail' in failure ? failure.detail : 'no other is given');
  if (failure.kind === 'nonfinite') return afterDivergence(failure);
  // Trained again, the steps since the save came out otherwise: this is another device.
  if (recovering !== null && failure.kind === 'badInput') return onAnotherDevice(failure);
  recovering = null;
  return failure;
}

/** The run is taken up once, at the same step: from its last save, and by training the steps since then again. */
function afterLoss(detail: string): Failure | null {
  const { status, step, adapter } = useRun.getState();
  const now = performance.now();
  const again = now - lostAt < QUIET_MS;
  recovering = null;
  if (again || adapter === null) return { kind: 'deviceLost', detail, again };
  const failure: Failure = { kind: 'deviceLost', detail };
  const wasPreparing = status === 'preparing';
  const hasTrained = step > 0 && !wasPreparing;
  if (hasTrained) saveNow();
  const run = hasTrained ? runOnPage() : null;
  if (hasTrained && run === null) return failure;
  lostAt = now;
  recovering = step;
  tell(`${lostWords(step)} The page opens it again and takes the run up by itself.`);
  // A fork, say, that is not kept yet: what it was to begin with is still there.
  if (wasPreparing) prepareAgain();
  else if (run === null) reset();
  else
    prepareAgain({ ...startOf(run, { arm: null, step }, useCheckpoints.getState().kept), of: {} });
  void afterwards(status === 'running', step);
  return null;
}

async function afterwards(wasRunning: boolean, step: number): Promise<void> {
  await prepared();
  // Meanwhile it may have failed again, or somebody may have gone elsewhere.
  const isHere = recovering === step && useRun.getState().step === step;
  if (recovering === step) recovering = null;
  if (!isHere) return;
  tell(
    `${lostWords(step)} The run was taken up by itself at the same step, from what was saved: nothing is lost, and it goes ` +
      'on with the numbers that it would have had. From now on work is handed over in pieces of half the size.',
  );
  // Runs that have had their last step may still have to be judged.
  if (wasRunning) workerOfPage()?.run();
}

function onAnotherDevice(failure: Failure): Failure | null {
  const step = recovering ?? 0;
  const from = backToSave();
  recovering = null;
  if (from === null) return failure;
  tell(
    `${lostWords(step)} What came in its place gives other last digits, so the steps since the last save do not repeat. ` +
      `The run is back at its save of step ${from}; press Run to go on from there.`,
  );
  return null;
}

function afterDivergence(failure: Failure): Failure | null {
  const from = backToSave();
  recovering = null;
  if (from === null) return failure;
  const { title, what } = describeFailure(failure);
  tell(
    `${title}. ${what} All arms are back at step ${from}, the last save in which every number was finite, with the settings ` +
      'of then. Lower the learning rate, make fewer updates a step, or set a limit for the gradient norm; then go on.',
  );
  return null;
}

/** Puts the run on the page back to its newest save, and gives that save's step; null where there is none. */
function backToSave(): number | null {
  const [run, checkpoint] = [runOnPage(), newestCheckpoint()];
  if (run === null || checkpoint === null) return null;
  const { step, bytes } = checkpoint;
  recovering = step;
  saveNow();
  takeUpKept(experimentOf(run, step), {
    step,
    from: { bytes, of: {}, missing: missingAt(run, step) },
    show: () => showKept(run, step),
  });
  adoptRun(run, { step, at: Date.now() }, checkpoint);
  return step;
}

const lostWords = (step: number) =>
  `The graphics processor was lost ${step === 0 ? 'before the first step' : `after step ${step}`}.`;

function tell(note: string): void {
  useRecovery.setState({ note });
}
