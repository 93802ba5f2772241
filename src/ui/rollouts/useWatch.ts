import { useEffect } from 'react';
import { watch } from '../../store/engine';
import { useExperiment } from '../../store/experiment';
import { useMicroscope } from '../../store/microscope';
import { canTrain, useRun } from '../../store/run';
import { runId } from '../../store/run_id';

/** Keeps the worker looking at the arm's first run, at the prompt that is shown. */
export function useWatch(arm: string | null): void {
  const seed = useExperiment((state) => state.seeds[0]);
  const prompt = useMicroscope((state) => state.prompt);
  const live = useRun(
    ({ status, recorded }) => recorded === null && (canTrain(status) || status === 'finished'),
  );
  useEffect(() => {
    if (live && arm !== null && seed !== undefined) watch(runId(arm, seed), prompt);
  }, [live, arm, seed, prompt]);
}
