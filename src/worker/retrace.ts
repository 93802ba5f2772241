import { readRuns, writeRuns } from '../engine/checkpoint';
import type { Lockstep } from '../engine/lockstep';
import { RlvrError } from '../errors/failure';
import type { Retrace } from './protocol';

/**
 * Trains runs again up to a step that was not saved: from a save before it, with the changes made since, to the same bits
 * on the same device. Returns their state after that step, as a save has it; null once it is no longer wanted. Throws
 * RlvrError `nonfinite` where they diverge on the way, and `badInput` of a save of other runs.
 */
export async function retrace(
  lockstep: Lockstep,
  { bytes, runs, changes, step }: Retrace,
  progress: (done: number, total: number) => void,
  wanted: () => boolean,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (bytes !== null) {
    const saved = readRuns(bytes);
    lockstep.restoreRuns(
      saved.step,
      runs.flatMap(({ id }) => saved.runs.get(id) ?? []),
    );
  }
  const first = lockstep.step;
  while (lockstep.step < step) {
    progress(lockstep.step - first, step - first);
    for (const { run, setting, value, step: from } of changes) {
      const index = runs.findIndex(({ id }) => id === run);
      if (from === lockstep.step + 1 && index >= 0) lockstep.set(index, setting, value);
    }
    await lockstep.next();
    if (lockstep.diverged) throw new RlvrError(lockstep.diverged);
    if (!wanted()) return null;
  }
  await lockstep.flush();
  const state = await lockstep.saveRuns();
  return writeRuns({
    step: state.step,
    runs: new Map(state.runs.map((run, index) => [runs[index]?.id ?? '', run])),
  });
}
