import { useEffect, useRef } from 'react';
import { quoted } from '../../recipe/untrusted';
import { useLesson } from '../../store/lesson';
import { LESSONS_BUTTON } from './LessonsButton';
import { LessonList } from './LessonList';
import { LessonView } from './LessonView';
import { lessonNamed } from './lessons';
import { TeacherForm } from './TeacherForm';

/** The list of lessons, or the one that is open. */
export function LessonPanel() {
  const id = useLesson((state) => state.lesson);
  const lesson = lessonNamed(id);
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Opened by the button or from the list, not by the address: then the reader has not asked for the focus to move.
    const active = document.activeElement;
    const asked =
      active?.id === LESSONS_BUTTON || (active !== null && active.closest('.lessons') !== null);
    const lost = active === document.body && top.current?.dataset['read'] !== undefined;
    if (asked || lost) top.current?.querySelector<HTMLElement>('h2')?.focus();
    if (top.current !== null) top.current.dataset['read'] = '';
  }, [id]);
  return (
    <div ref={top}>
      {lesson === undefined ? (
        <>
          {id !== null && (
            <p className="lesson-refusal">There is no lesson {quoted(id)}. These are all.</p>
          )}
          <LessonList />
        </>
      ) : (
        <LessonView key={lesson.id} lesson={lesson} />
      )}
      <TeacherForm lesson={lesson ?? null} />
    </div>
  );
}
