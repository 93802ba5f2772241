import type { ReactNode } from 'react';
import { useLesson } from '../../store/lesson';
import { SECTIONS, type SectionName } from '../../store/teacher_link';
import { Fallible } from '../Fallible';

/** Parts that a locked link takes out of reach; training and reading stay. */
const LOCKED: readonly SectionName[] = ['experiment', 'controls'];

/** A part of the page, unless a teacher's link hides it; out of reach where the link locks it. */
export function Shown({ as, children }: { as: SectionName; children: ReactNode }) {
  const hidden = useLesson((state) => state.teacher.hidden.includes(as));
  const locked = useLesson((state) => state.teacher.locked) && LOCKED.includes(as);
  if (hidden) return null;
  const section = <Fallible name={SECTIONS[as]}>{children}</Fallible>;
  if (!locked) return section;
  return (
    <div className="locked" inert>
      {section}
    </div>
  );
}
