import { useEffect, useState } from 'react';
import { COMMAND_LINE_ONLY } from '../../store/catalogue';
import { PassingButton } from '../PassingButton';
import { perform, NEEDS_EXPERIMENT, pointedAt } from './act';
import type { Action, Lesson, Step } from './lesson';
import { lookAt, showsTheRun, type PlaceName } from './places';
import { useExperimentHere } from './useExperimentHere';
import { useRecord } from './useRecord';

/** One part of a lesson: what it says, a button that does it on the page, and the place to look at in outline. */
export function StepView({ step, lesson }: { step: Step; lesson: Lesson }) {
  const [look, setLook] = useState<PlaceName | null>(step.look ?? null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const away = useAway(lesson) && step.look !== undefined && showsTheRun(step.look);
  // What is there now belongs to another experiment.
  const outlined = away ? null : look;
  useEffect(() => (outlined === null ? undefined : lookAt(outlined)), [outlined]);
  const unrecorded = useRecord(lesson.experiment).state === 'missing';
  const show = unrecorded ? withoutRecord(step.show) : step.show;
  // While it is at it a button keeps the focus, and does nothing.
  const press = async (actions: readonly Action[]) => {
    if (busy) return;
    setBusy(true);
    const problem = await perform(actions, lesson);
    setRefusal(problem);
    setBusy(false);
    if (actions === show?.actions) setDone(problem === null);
    const place = pointedAt(actions) ?? step.look ?? null;
    setLook(place);
    // The same place again: the page may have grown, or the reader scrolled away.
    if (place !== null && place === outlined) lookAt(place);
  };
  const opens = show?.actions.some(({ act }) => NEEDS_EXPERIMENT[act]) ?? false;
  return (
    <div className="lesson-step">
      {step.text.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      {show !== undefined && (
        <button
          type="button"
          className={done ? 'button' : 'button button-main'}
          data-undone={done ? undefined : ''}
          aria-disabled={busy}
          onClick={() => void press(show.actions)}
        >
          {show.label}
        </button>
      )}
      {away && opens && (
        <p className="quiet small lesson-away">
          The button opens this lesson’s experiment in place of yours.
        </p>
      )}
      {away && !opens && (
        <p className="quiet small lesson-away">
          The page shows another experiment.{' '}
          <PassingButton
            className="link-button"
            aria-disabled={busy}
            onClick={() => void press([{ act: 'open' }])}
          >
            Open this lesson’s
          </PassingButton>
        </p>
      )}
      <p className="lesson-refusal small" aria-live="polite">
        {refusal}
      </p>
    </div>
  );
}

/** Whether the page shows another experiment than the lesson's, which it could show. */
function useAway(lesson: Lesson): boolean {
  const here = useExperimentHere(lesson);
  const { experiment } = lesson;
  return !here && experiment !== null && !COMMAND_LINE_ONLY.includes(experiment);
}

/** A button that would play the recorded run opens the experiment to be trained, where there is no such run. */
function withoutRecord(show: Step['show']): Step['show'] {
  if (show === undefined || !show.actions.some(({ act }) => act === 'play')) return show;
  return {
    label: 'Not recorded: open the experiment and press Run',
    actions: show.actions.map((action) => (action.act === 'play' ? { act: 'open' } : action)),
  };
}
