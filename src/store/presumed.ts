import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { useExperiment, type ExperimentState } from './experiment';
import { placeDefault } from './place';

/** Whether the page ran on a software adapter the last time; for a first visit, that there is a graphics processor. */
const useLastAdapter = create(
  persist<{ readonly software: boolean }>(() => ({ software: false }), {
    name: 'rlvr-adapter',
    version: 1,
    // Storage is untrusted.
    merge: (saved) => ({
      software:
        saved !== null && typeof saved === 'object' && 'software' in saved
          ? saved.software === true
          : false,
    }),
  }),
);

/** The default experiment as it was put on the page before it was known what there is to run on; null of no such. */
let presumed: { readonly software: boolean; readonly experiment: ExperimentState } | null = null;

/** Puts a default experiment on the page before the worker has named its adapter, so that it can be read at once. */
export function presume(): void {
  const { software } = useLastAdapter.getState();
  placeDefault(software);
  presumed = { software, experiment: useExperiment.getState() };
}

/** The adapter is known: whether the presumed experiment should make way, being for another one and still untouched. */
export function presumedWrongly(software: boolean, held = useExperiment.getState()): boolean {
  const wrong = presumed !== null && presumed.software !== software && presumed.experiment === held;
  presumed = null;
  useLastAdapter.setState({ software });
  return wrong;
}
