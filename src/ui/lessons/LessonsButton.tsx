import { closeLessons, openLessons, useLesson } from '../../store/lesson';

/** The panel's own name, for the button that opens it and gets the focus back. */
export const LESSONS_BUTTON = 'lessons-button';
export const LESSONS_PANEL = 'lessons-panel';

/** Opens and closes the panel of lessons. */
export function LessonsButton() {
  const open = useLesson((state) => state.open);
  return (
    <button
      type="button"
      id={LESSONS_BUTTON}
      className="text-button lessons-button"
      aria-expanded={open}
      aria-controls={LESSONS_PANEL}
      onClick={open ? closeLessons : openLessons}
    >
      Lessons
    </button>
  );
}
