import { followExperiment } from './engine';
import { useExperiment } from './experiment';
import { stepBack, stepForward, type Snapshot } from './history';
import { useRun } from './run';
import { useView } from './view';

/** Takes the last change of the arms, their settings or the seeds back. */
export function undo(): void {
  putBack(stepBack());
}

export function redo(): void {
  putBack(stepForward());
}

function putBack(snapshot: Snapshot | null): void {
  if (snapshot === null) return;
  useExperiment.setState({
    ...snapshot,
    arms: snapshot.arms.map((arm) => ({ ...arm, pending: {} })),
  });
  const { chosenArm, choose } = useView.getState();
  if (!snapshot.arms.some(({ id }) => id === chosenArm)) choose(snapshot.arms[0]?.id ?? '');
  if (useRun.getState().recorded === null) followExperiment();
}
