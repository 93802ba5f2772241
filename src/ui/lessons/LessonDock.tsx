import { useEffect } from 'react';
import { closeLessons, followLessonLink, foldLessons, useLesson } from '../../store/lesson';
import { part } from '../part';
import { LESSONS_BUTTON, LESSONS_PANEL } from './LessonsButton';

/** Texts and their evidence come when somebody wants them. */
const LessonPanel = part(
  'The lessons',
  () => import('./LessonPanel').then((module) => module.LessonPanel),
  { coming: <p className="quiet">Fetching the lessons.</p> },
);

/** Where lessons are read: beside the page where there is room, at its foot where there is not. Covers nothing. */
export function LessonDock() {
  const open = useLesson((state) => state.open);
  const folded = useLesson((state) => state.folded);
  useEffect(followLessonLink, []);
  useEffect(() => {
    const root = document.documentElement;
    if (open) root.dataset['lesson'] = folded ? 'folded' : 'open';
    else delete root.dataset['lesson'];
    return () => {
      delete root.dataset['lesson'];
    };
  }, [open, folded]);
  useEffect(() => {
    if (!open) return;
    const press = (event: KeyboardEvent) => {
      // Dialogs and menus above take the key for themselves.
      if (event.key === 'Escape' && !event.defaultPrevented) close();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [open]);
  if (!open) return null;
  return (
    <aside id={LESSONS_PANEL} className="lessons" aria-label="Lessons">
      <div className="lessons-bar">
        <span className="lessons-title" aria-hidden="true">
          Lessons
        </span>
        <button
          type="button"
          className="button lessons-fold"
          aria-expanded={!folded}
          onClick={() => foldLessons(!folded)}
        >
          {folded ? 'Unfold' : 'Fold'}
        </button>
        <button type="button" className="icon-button" aria-label="Close lessons" onClick={close}>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.7" fill="none" />
          </svg>
        </button>
      </div>
      <div className="lessons-body" hidden={folded}>
        <LessonPanel />
      </div>
    </aside>
  );
}

function close(): void {
  const inside = document.getElementById(LESSONS_PANEL)?.contains(document.activeElement) ?? false;
  closeLessons();
  if (inside) document.getElementById(LESSONS_BUTTON)?.focus();
}
