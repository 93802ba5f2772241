import { useEffect, useRef } from 'react';
import { markDone, openLesson, openLessons, predict, turnTo, useLesson } from '../../store/lesson';
import { FOCUS_HOME } from '../PassingButton';
import { ClosingView } from './ClosingView';
import type { Lesson } from './lesson';
import { LESSONS } from './lessons';
import { Question } from './Question';
import { StepView } from './StepView';

/** A lesson, one page at a time: the question, the steps, the answers. Without a prediction it goes no further. */
export function LessonView({ lesson }: { lesson: Lesson }) {
  const page = useLesson((state) => state.page);
  const prediction = useLesson((state) => state.predictions[lesson.id]);
  const chosen = lesson.options.find(({ id }) => id === prediction);
  const last = lesson.steps.length + 1;
  const at = chosen === undefined ? 0 : Math.min(page, last);
  const step = lesson.steps[at - 1];
  const heading = useRef<HTMLHeadingElement>(null);
  const turned = useRef(false);
  useEffect(() => {
    if (at === last) markDone(lesson.id);
    if (turned.current) heading.current?.focus();
    turned.current = false;
  }, [at, last, lesson.id]);
  const turn = (to: number) => {
    turned.current = true;
    turnTo(to);
  };
  return (
    <article className="lesson" {...FOCUS_HOME}>
      <button type="button" className="link-button" onClick={openLessons}>
        All lessons
      </button>
      <h2 tabIndex={-1}>{lesson.title}</h2>
      <h3 className="lesson-page" tabIndex={-1} ref={heading}>
        {at === 0 && 'First, predict'}
        {step !== undefined && `Part ${at} of ${lesson.steps.length}`}
        {at === last && 'What we measured'}
      </h3>
      {at === 0 && (
        <Question
          lesson={lesson}
          prediction={chosen?.id ?? null}
          onPredict={(option) => predict(lesson.id, option)}
        />
      )}
      {step !== undefined && <StepView key={at} step={step} lesson={lesson} />}
      {at === last && chosen !== undefined && <ClosingView lesson={lesson} chosen={chosen} />}
      <nav className="lesson-nav" aria-label="Pages of the lesson">
        <button type="button" className="button" disabled={at === 0} onClick={() => turn(at - 1)}>
          Back
        </button>
        <progress
          max={last}
          value={at}
          aria-label={`Page ${at + 1} of ${last + 1} of the lesson`}
        />
        {at < last ? (
          <button
            type="button"
            className="button button-main"
            disabled={chosen === undefined}
            onClick={() => turn(at + 1)}
          >
            {at === 0 ? 'Begin' : 'Next'}
          </button>
        ) : (
          <Onwards after={lesson} />
        )}
      </nav>
    </article>
  );
}

/** To the lesson after this one, or back to the list after the last. */
function Onwards({ after }: { after: Lesson }) {
  const next = LESSONS[LESSONS.indexOf(after) + 1];
  return (
    <button
      type="button"
      className="button button-main"
      onClick={() => (next === undefined ? openLessons() : openLesson(next.id))}
    >
      {next === undefined ? 'All lessons' : 'Next lesson'}
    </button>
  );
}
