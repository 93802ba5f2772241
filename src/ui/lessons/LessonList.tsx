import { openLesson, useLesson } from '../../store/lesson';
import { LESSONS } from './lessons';

/** All lessons in teaching order; those read to the end carry a mark. */
export function LessonList() {
  const done = useLesson((state) => state.done);
  const read = LESSONS.filter(({ id }) => done.includes(id)).length;
  return (
    <div>
      <h2 tabIndex={-1}>{LESSONS.length} lessons</h2>
      <p className="quiet small">
        Each asks for a prediction, then drives this page. {read} of {LESSONS.length} read.
      </p>
      <ol className="lesson-list">
        {LESSONS.map(({ id, title, question, minutes }) => (
          <li key={id}>
            <button type="button" onClick={() => openLesson(id)}>
              <span className="lesson-list-title">{title}</span>
              <span className="lesson-list-facts">
                {done.includes(id) && <span className="lesson-done">✓ read</span>}
                {minutes} min
              </span>
              <span className="lesson-list-question">{question}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
