import { create } from 'zustand';
import type { KeptCheckpoint } from '../storage/run_file';

const MOST = 8;
const MOST_BYTES = 96 * 2 ** 20;

export interface CheckpointsState {
  /** Of the run on the page, by step, ascending; the last is the newest. */
  readonly kept: readonly KeptCheckpoint[];
}

/** Where the run on the page can be forked. In memory only: the newest is also in the run's file. */
export const useCheckpoints = create<CheckpointsState>(() => ({ kept: [] }));

export function addCheckpoint(checkpoint: KeptCheckpoint): void {
  useCheckpoints.setState(({ kept }) => ({
    kept: thinned([...kept.filter(({ step }) => step < checkpoint.step), checkpoint]),
  }));
}

export function newestCheckpoint(): KeptCheckpoint | null {
  return useCheckpoints.getState().kept.at(-1) ?? null;
}

export function clearCheckpoints(): void {
  useCheckpoints.setState({ kept: [] });
}

/**
 * At most so many checkpoints of at most so many bytes, as evenly spread over the steps as they came; the newest stays
 * whatever its size.
 */
export function thinned(
  kept: readonly KeptCheckpoint[],
  most = MOST,
  mostBytes = MOST_BYTES,
): readonly KeptCheckpoint[] {
  const bytes = kept.reduce((sum, checkpoint) => sum + checkpoint.bytes.length, 0);
  if (kept.length <= 1 || (kept.length <= most && bytes <= mostBytes)) return kept;
  // The one between the closest neighbours is missed least.
  const gaps = kept.slice(0, -1).map((_, i) => (kept[i + 1]?.step ?? 0) - (kept[i - 1]?.step ?? 0));
  const closest = gaps.indexOf(Math.min(...gaps));
  return thinned(
    kept.filter((_, i) => i !== closest),
    most,
    mostBytes,
  );
}
