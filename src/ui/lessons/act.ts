import { chooseExperiment, useCatalogue } from '../../store/catalogue';
import { reset, stepOnce, toggleRun } from '../../store/engine';
import { useExperiment } from '../../store/experiment';
import { lookAtTerm } from '../../store/formula_term';
import { openRecording } from '../../store/replay';
import { canTrain, useRun } from '../../store/run';
import { changePush, choosePreset, FIRST_STEP } from '../../store/softmax';
import { useView } from '../../store/view';
import type { Action, Lesson } from './lesson';
import type { PlaceName } from './places';

/** Which actions need the lesson's experiment on the page. */
export const NEEDS_EXPERIMENT: Readonly<Record<Action['act'], boolean>> = {
  open: true,
  play: true,
  step: true,
  arm: true,
  axis: false,
  look: false,
  term: false,
  softmax: false,
};

/** The place that the actions point at in the end; null where they point at none. */
export function pointedAt(actions: readonly Action[]): PlaceName | null {
  const pointing = actions.flatMap((action) => {
    if (action.act === 'look') return [action.at];
    return action.act === 'term' ? (['formula'] as const) : [];
  });
  return pointing.at(-1) ?? null;
}

/** Does what a step's button promises; a sentence where it could not. */
export async function perform(actions: readonly Action[], lesson: Lesson): Promise<string | null> {
  for (const action of actions) {
    const refusal = await performOne(action, lesson);
    if (refusal !== null) return refusal;
  }
  return null;
}

async function performOne(action: Action, lesson: Lesson): Promise<string | null> {
  if (NEEDS_EXPERIMENT[action.act]) {
    const refusal = await bring(lesson);
    if (refusal !== null) return refusal;
  }
  switch (action.act) {
    case 'open':
    case 'look':
      return null;
    case 'term':
      lookAtTerm(action.term);
      return null;
    case 'play':
      return play();
    case 'step':
      if (!canTrain(useRun.getState().status)) {
        return 'The page cannot train a step now: it is getting ready, finished, or has no device.';
      }
      stepOnce();
      return null;
    case 'arm':
      return chooseArm(action.arm);
    case 'axis':
      useView.getState().setAxis(action.axis);
      return null;
    case 'softmax': {
      const { preset, token, advantage, stepSize = FIRST_STEP } = action;
      choosePreset(preset);
      changePush({ token, advantage, stepSize });
      return null;
    }
  }
}

/** The lesson's experiment onto the page, drawn by steps, unless it is there. */
async function bring({ experiment }: Lesson): Promise<string | null> {
  if (experiment === null || useExperiment.getState().id === experiment) return null;
  await chooseExperiment(experiment);
  const { setAxis, setZoom } = useView.getState();
  setAxis('step');
  setZoom(null);
  if (useExperiment.getState().id === experiment) return null;
  return useCatalogue.getState().refusal ?? 'The experiment could not be opened.';
}

/** The recorded run from its start. */
async function play(): Promise<string | null> {
  const { id } = useExperiment.getState();
  if (useRun.getState().recorded?.id !== id) {
    await openRecording();
    if (useRun.getState().recorded === null) {
      return useCatalogue.getState().refusal ?? 'The recorded run could not be opened.';
    }
  }
  if (useRun.getState().status === 'running') return null;
  reset();
  toggleRun();
  return null;
}

function chooseArm(name: string): string | null {
  const arm = useExperiment.getState().arms.find((candidate) => candidate.name === name);
  if (arm === undefined) return `There is no arm “${name}” on the page any more.`;
  useView.getState().choose(arm.id);
  return null;
}
