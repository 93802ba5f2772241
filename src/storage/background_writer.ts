import { writeRunFile } from './run_file';
import type { WriteAnswer, WriteRequest } from './writer_worker';

/** Longer than any file takes: then nothing will come. */
const PATIENCE_MS = 120_000;

/** Makes the file of a run. */
export type WriteRun = typeof writeRunFile;

interface Waiting {
  readonly done: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly failed: (error: unknown) => void;
  /** Makes the file on the page. */
  readonly here: () => void;
  /** Gives up; it is stopped with the answer, so that it does not keep the run in memory. */
  readonly patience: ReturnType<typeof setTimeout>;
}

/**
 * `writeRunFile` in a thread of its own: text, copies and digest of eight arms of 2,000 steps take a tenth of a second, in
 * which the page would stand still. Where no such thread can be had, the page does it.
 */
export function backgroundWriter(): WriteRun {
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let worker: Worker | null | undefined;

  /** The page makes what is waited for, and all that follows. */
  const giveUp = () => {
    worker?.terminate();
    worker = null;
    for (const { here, patience } of waiting.values()) {
      clearTimeout(patience);
      here();
    }
    waiting.clear();
  };

  const start = (): Worker | null => {
    try {
      const made = new Worker(new URL('./writer_worker.ts', import.meta.url), {
        type: 'module',
        name: 'run file',
      });
      made.onmessage = ({ data }: MessageEvent<WriteAnswer>) => {
        const own = waiting.get(data.id);
        waiting.delete(data.id);
        clearTimeout(own?.patience);
        if ('bytes' in data) own?.done(data.bytes);
        else own?.failed(new Error(data.problem));
      };
      // It could not be loaded or died, or a message could not be read.
      made.onerror = made.onmessageerror = giveUp;
      return made;
    } catch {
      return null;
    }
  };

  return async (run) => {
    // Whoever asks has gathered a run's numbers just now, and copying them to the other thread takes as long again. A page
    // that is being left has no time to lose, and its timers stand still.
    if (typeof document !== 'undefined' && document.visibilityState === 'visible')
      await new Promise((next) => setTimeout(next));
    worker = worker === undefined ? start() : worker;
    const thread = worker;
    if (thread === null) return writeRunFile(run);
    const request: WriteRequest = { id: asked++, run };
    return new Promise((done, failed) => {
      const here = () => void writeRunFile(run).then(done, failed);
      waiting.set(request.id, { done, failed, here, patience: setTimeout(giveUp, PATIENCE_MS) });
      thread.postMessage(request);
    });
  };
}
