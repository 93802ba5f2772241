import { measureEvery, type MeasureKind } from '../recipe/measure';
import { workerOfPage } from './engine';
import { measurePlan, totalSteps, useExperiment } from './experiment';
import { usePending } from './findings';
import { canTrain, useRun } from './run';

/** What the page asks of the runs besides training. */

/** Judges all runs on held-out prompts, as many as the experiment says. */
export function evaluateNow(): void {
  const { status } = useRun.getState();
  const worker = workerOfPage();
  if (worker === null || !(canTrain(status) || status === 'finished')) return;
  const { prompts, samples } = useExperiment.getState().evaluate;
  usePending.setState({ evaluating: true });
  worker.evaluate(prompts, samples);
}

/** Measures all runs as they stand; nothing while they train. */
export function measureNow(kind: MeasureKind): void {
  const { status } = useRun.getState();
  const worker = workerOfPage();
  const resting = status === 'ready' || status === 'paused' || status === 'finished';
  if (worker === null || !resting) return;
  const { prompts, samples } = useExperiment.getState().evaluate;
  usePending.setState({ measuring: kind });
  worker.measure(kind, prompts, samples);
}

/** About as many responses as a step has: more would make training wait too long. */
const ON_THE_WAY = { prompts: 16, samples: 8 } as const;

/** Measures these kinds on the way too, before the first step and after every so many; none: no longer. */
export function measureOnTheWay(kinds: readonly MeasureKind[], every: number): void {
  const measure =
    kinds.length === 0 ? null : measureEvery(every, totalSteps(), { kinds, ...ON_THE_WAY });
  useExperiment.setState({ measure });
  workerOfPage()?.plan(measurePlan());
}
