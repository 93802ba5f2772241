import { problemText, quoted, refuse, type Result } from '../recipe/untrusted';
import { readRunFile, sizeProblem } from '../storage/read_run_file';
import { writeRunFile, type KeptRun } from '../storage/run_file';
import { storageFailure } from '../storage/storage_failure';
import { allWritten, openShelf, runOnPage, saveNow, useAutosave } from './autosave';
import { MOST_RUNS, notForThePage } from './experiment_files';
import { isLocked } from './lesson';
import { lacking } from './policies';
import { useRun } from './run';
import { importLog, isLogFile } from './trainer_logs';
import { busily, LOCKED, refreshLibrary, refuseWith, stopped, takeUpRun, tell } from './library';

/** Ending of the names of exported files. */
export const RUN_FILE = '.rlvr';

/** A run as a file to save; null where it could not be read, which has been said then. */
export async function exportKept(
  id: string,
): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> } | null> {
  let file = null;
  await busily(async () => {
    const { run: own, saved } = useAutosave.getState();
    if (own?.id === id && saved?.step !== useRun.getState().step) saveNow();
    await allWritten();
    const run = await newestOf(id);
    if (run.ok) file = { name: fileName(run.value), bytes: await writeRunFile(run.value) };
    else refuseWith(problemText(run.problems));
  });
  return file;
}

/** The run on the page may not even be kept. */
async function newestOf(id: string): Promise<Result<KeptRun>> {
  const { run, problem } = useAutosave.getState();
  const now = run?.id === id && problem !== null ? runOnPage() : null;
  if (now !== null) return { ok: true, value: now };
  const loaded = await (await openShelf()).load(id);
  return loaded.ok ? { ok: true, value: loaded.value.run } : loaded;
}

/** Takes a file that was dropped, pasted or chosen: a run, or a log of TRL or verl to compare with. */
export function importFile(file: File): Promise<void> {
  return isLogFile(file) ? busily(() => importLog(file)) : importRun(file);
}

/** Adds the run in a file to those kept here. What is wrong is refused in a sentence, and nothing has changed then. */
export async function importRun(file: File): Promise<void> {
  await busily(async () => {
    const read = await runIn(file);
    if (!read.ok) {
      return refuseWith(`${quoted(file.name)} was not imported. ${problemText(read.problems)}`);
    }
    const run = read.value;
    try {
      const shelf = await openShelf();
      const known = (await shelf.list()).find(({ id }) => id === run.id);
      if (known !== undefined && known.changed === run.changed) {
        return tell(`“${known.name}” is already here, as it is in the file.`);
      }
      await allWritten();
      await shelf.save(known === undefined ? run : { ...run, id: crypto.randomUUID() });
      await refreshLibrary();
      tell(`“${run.name}” was imported.`);
    } catch (error) {
      const { kind } = storageFailure(error);
      if (isLocked()) return refuseWith(LOCKED);
      await stopped();
      await takeUpRun(run);
      tell(`“${run.name}” is on the page, but was not kept: ${WHY[kind]}.`, false);
    }
  });
}

const WHY = {
  storageFull: 'the browser’s storage is full',
  storageBlocked: 'the browser keeps nothing for this page',
} as const;

async function runIn(file: File): Promise<Result<KeptRun>> {
  const size = sizeProblem(file.size);
  if (size !== null) return refuse('file', size);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return refuse('file', 'The browser could not read the file.');
  }
  const read = await readRunFile(bytes);
  if (!read.ok) return read;
  const { experiment } = read.value;
  const obstacle = notForThePage(experiment);
  if (obstacle !== null) return refuse('file', `The experiment in it ${obstacle}.`);
  const lacks = await lacking(experiment);
  if (lacks !== null) return refuse('file', lacks);
  const runs = experiment.arms.length * experiment.seeds.length;
  return runs <= MOST_RUNS
    ? read
    : refuse('file', `It has ${runs} runs, and this page holds ${MOST_RUNS} at most.`);
}

function fileName({ name, step }: KeptRun): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `${plain || 'run'}-step-${step}${RUN_FILE}`;
}
