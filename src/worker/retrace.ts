import { readRuns, writeRuns } from '../engine/checkpoint';
import type { Lockstep, LockstepMetrics } from '../engine/lockstep';
import { RlvrError } from '../errors/failure';
import type { Retrace } from './protocol';

/**
 * Trains runs again up to a step that was not saved: from a save before it, with the changes made since, to the same bits
 * on the same device. Returns their state after that step, as a save has it; null once it is no longer wanted. Throws
 * RlvrError `nonfinite` where they diverge on the way, and `badInput` of a save of other runs, and where a step comes out
 * with other numbers than it had: on another device, or in another version of the engine.
 */
export async function retrace(
  lockstep: Lockstep,
  { bytes, runs, changes, past, step }: Retrace,
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
  const check = (completed: readonly LockstepMetrics[]) => {
    if (lockstep.diverged) throw new RlvrError(lockstep.diverged);
    for (const { index, metrics } of completed) {
      const then = past[runs[index]?.id ?? '']?.[metrics.step - 1 - first];
      if (then === undefined) continue;
      if (differs(then.entropy, metrics.entropy) || differs(then.grad_norm, metrics.grad_norm)) {
        throw new RlvrError({
          kind: 'badInput',
          field: 'the fork',
          detail: otherNumbers(metrics.step),
        });
      }
    }
  };
  while (lockstep.step < step) {
    progress(lockstep.step - first, step - first);
    for (const { run, setting, value, step: from } of changes) {
      const index = runs.findIndex(({ id }) => id === run);
      if (from === lockstep.step + 1 && index >= 0) lockstep.set(index, setting, value);
    }
    check(await lockstep.next());
    if (!wanted()) return null;
  }
  check(await lockstep.flush());
  const state = await lockstep.saveRuns();
  return writeRuns({
    step: state.step,
    runs: new Map(state.runs.map((run, index) => [runs[index]?.id ?? '', run])),
  });
}

/** A number that was not kept says nothing. */
const differs = (then: number, now: number) => Number.isFinite(then) && then !== now;

const otherNumbers = (step: number) =>
  `trained again, step ${step} has other numbers than it had. It was trained on another device or by another version of ` +
  'this page. The run itself is in the library as it was: fork it at a step whose weights are kept';
