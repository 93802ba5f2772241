import { defaultExperiment } from '../../recipe/presets';
import { chooseExperiment, COMMAND_LINE_ONLY, useCatalogue } from '../../store/catalogue';
import { showArm, useExperiment } from '../../store/experiment';
import { isLocked, openLesson, useLesson } from '../../store/lesson';
import { useRun } from '../../store/run';
import { useView } from '../../store/view';
import type { Action } from '../actions';
import { LESSONS } from '../lessons/lessons';

/** The actions that depend on what the page holds: one for each arm, experiment and lesson. */
export function choices(): readonly Action[] {
  const { hidden } = useLesson.getState().teacher;
  return [
    ...(hidden.includes('controls') ? [] : arms()),
    ...(hidden.includes('experiment') || isLocked() ? [] : experiments()),
    ...lessons(),
  ];
}

function arms(): Action[] {
  const { arms: all } = useExperiment.getState();
  return all.flatMap(({ id, name, visible }): Action[] => [
    { label: `Choose arm ${name}`, group: 'Arms', run: () => useView.getState().choose(id) },
    {
      label: `${visible ? 'Hide' : 'Show'} arm ${name}`,
      group: 'Arms',
      run: () => showArm(id, !visible),
    },
  ]);
}

function experiments(): Action[] {
  const software = useRun.getState().adapter?.software ?? false;
  const first: Action = {
    label: `Experiment: ${defaultExperiment(software).name}`,
    group: 'Experiments',
    run: () => void chooseExperiment(null),
  };
  const listed = useCatalogue
    .getState()
    .entries.filter(({ id }) => !COMMAND_LINE_ONLY.includes(id))
    .map(({ id, name, question }): Action => ({
      label: `Experiment: ${name}`,
      group: 'Experiments',
      words: [question],
      run: () => void chooseExperiment(id),
    }));
  return [first, ...listed];
}

function lessons(): Action[] {
  return LESSONS.map(({ id, title, question }) => ({
    label: `Lesson: ${title}`,
    group: 'Lessons',
    words: [question],
    run: () => openLesson(id),
  }));
}
