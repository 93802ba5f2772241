import { useLesson } from '../../store/lesson';
import { SECTIONS } from '../../store/teacher_link';

/** What a teacher's link asks, what it has hidden and locked, and what of it was not understood. */
export function TeacherNote() {
  const { ask, hidden, locked, ignored } = useLesson((state) => state.teacher);
  if (ask === null && hidden.length === 0 && !locked && ignored.length === 0) return null;
  const names = hidden.map((name) => SECTIONS[name].toLowerCase());
  return (
    <section className="teacher-note" aria-label="From your teacher">
      {ask !== null && <p className="teacher-question">{ask}</p>}
      {(names.length > 0 || locked) && (
        <p className="quiet small">
          This link {names.length > 0 && `hides: ${names.join(', ')}`}
          {names.length > 0 && locked && '; and '}
          {locked && 'locks the settings'}.
        </p>
      )}
      {ignored.map((sentence) => (
        <p className="teacher-ignored small" key={sentence}>
          {sentence}
        </p>
      ))}
    </section>
  );
}
