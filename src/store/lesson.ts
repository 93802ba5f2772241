import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { NO_TEACHER, readTeacherLink, type ReadTeacherLink } from './teacher_link';

/** Where the reader is in the lessons, and what they have predicted and finished. */

const KEY = 'lesson';

/** Lower-case words joined by hyphens: of lessons and of options. */
const ID = /^[a-z0-9]+(-[a-z0-9]+){0,12}$/;
const MOST_KEPT = 200;

export interface LessonState {
  /** Whether the panel is open; with no lesson it shows the list. */
  readonly open: boolean;
  readonly lesson: string | null;
  /** Page of the lesson: 0 is the question, then its steps, then the answers. */
  readonly page: number;
  /** At the foot of a narrow page the panel can be folded to its title. */
  readonly folded: boolean;
  /** Option chosen in each lesson; the newest prediction replaces the one before. */
  readonly predictions: Readonly<Record<string, string>>;
  /** Lessons read to the end. */
  readonly done: readonly string[];
  /** What a teacher's link asks of the page. */
  readonly teacher: ReadTeacherLink;
}

type Kept = Pick<LessonState, 'predictions' | 'done'>;

export const useLesson = create<LessonState>()(
  persist(
    (): LessonState => ({
      open: false,
      lesson: null,
      page: 0,
      folded: false,
      predictions: {},
      done: [],
      teacher: { ...NO_TEACHER, ignored: [] },
    }),
    {
      name: 'rlvr-lessons',
      version: 1,
      partialize: ({ predictions, done }): Kept => ({ predictions, done }),
      merge: (saved, current) => ({ ...current, ...readKept(saved) }),
    },
  ),
);

/** Reads `?lesson=` and the teacher's part of the address. Opens the lesson; nothing starts to train. */
export function followLessonLink(): void {
  const address = new URL(location.href).searchParams;
  const lesson = address.get(KEY);
  const teacher = readTeacherLink(address);
  if (lesson === null) useLesson.setState({ teacher });
  else useLesson.setState({ teacher, open: true, lesson, page: 0 });
}

export function openLessons(): void {
  useLesson.setState({ open: true, lesson: null, page: 0, folded: false });
  linkToLesson(null);
}

export function openLesson(lesson: string): void {
  useLesson.setState({ open: true, lesson, page: 0, folded: false });
  linkToLesson(lesson);
}

/** Whether a teacher's link keeps the experiment and its settings as they are: no command may change them then. */
export function isLocked(): boolean {
  return useLesson.getState().teacher.locked;
}

/** Closes the panel; predictions and marks stay. */
export function closeLessons(): void {
  useLesson.setState({ open: false, lesson: null, page: 0 });
  linkToLesson(null);
}

export function turnTo(page: number): void {
  useLesson.setState({ page });
}

export function foldLessons(folded: boolean): void {
  useLesson.setState({ folded });
}

export function predict(lesson: string, option: string): void {
  useLesson.setState(({ predictions }) => ({ predictions: { ...predictions, [lesson]: option } }));
}

export function markDone(lesson: string): void {
  useLesson.setState(({ done }) => (done.includes(lesson) ? {} : { done: [...done, lesson] }));
}

/** Touches the lesson's key of the address only. */
function linkToLesson(lesson: string | null): void {
  const url = new URL(location.href);
  if (lesson === null) url.searchParams.delete(KEY);
  else url.searchParams.set(KEY, lesson);
  history.replaceState(history.state, '', url);
}

/** Storage is untrusted: what does not look like an id is left out. */
export function readKept(saved: unknown): Kept {
  const field = (key: string): unknown =>
    saved !== null && typeof saved === 'object' && Object.hasOwn(saved, key)
      ? (saved as Readonly<Record<string, unknown>>)[key]
      : undefined;
  const [predictions, done] = [field('predictions'), field('done')];
  const entries =
    predictions !== null && typeof predictions === 'object' ? Object.entries(predictions) : [];
  return {
    predictions: Object.fromEntries(
      entries.filter(([lesson, option]) => isId(lesson) && isId(option)).slice(0, MOST_KEPT) as [
        string,
        string,
      ][],
    ),
    done: Array.isArray(done) ? [...new Set(done.filter(isId))].slice(0, MOST_KEPT) : [],
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 60 && ID.test(value);
}
