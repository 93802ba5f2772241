import { quoted, textProblem } from '../recipe/untrusted';

/** The part of a teacher's link that is not the lesson: `?hide=controls,rollouts&lock=1&ask=TEXT`. */
export interface TeacherLink {
  readonly hidden: readonly SectionName[];
  /** Settings can be looked at and not changed. */
  readonly locked: boolean;
  /** A question for the class; plain text. */
  readonly ask: string | null;
}

/** Parts of the page that a link may hide, with what the form calls them. */
export const SECTIONS = {
  experiment: 'Choice of experiment',
  about: 'What the experiment asks',
  controls: 'Arms and settings',
  charts: 'Charts below the entropy curve',
  findings: 'Evaluations and measurements',
  rollouts: 'Rollouts',
  softmax: 'One softmax',
  formula: 'The loss, term by term',
  reading: 'What you are looking at',
} as const;
export type SectionName = keyof typeof SECTIONS;
export const SECTION_NAMES = Object.keys(SECTIONS) as SectionName[];

export const LONGEST_QUESTION = 300;
const MOST_NAMES = 20;
type Key = 'hide' | 'lock' | 'ask';

export const NO_TEACHER: TeacherLink = { hidden: [], locked: false, ask: null };

/** What of a link was understood, and a sentence for each part that was not and is ignored. */
export interface ReadTeacherLink extends TeacherLink {
  readonly ignored: readonly string[];
}

/** Reads the teacher's part of an address. It is foreign: whatever is not exactly as it should be is ignored by name. */
export function readTeacherLink(address: URLSearchParams): ReadTeacherLink {
  const ignored: string[] = [];
  const one = (key: Key): string | null => {
    const values = address.getAll(key);
    if (values.length > 1) ignored.push(`The link says “${key}” more than once: all are ignored.`);
    return values.length === 1 ? (values[0] ?? null) : null;
  };
  const hidden = readHidden(one('hide'), ignored);
  const lock = one('lock');
  if (lock !== null && lock !== '1') {
    ignored.push(`The link’s “lock” must be 1; got ${quoted(lock)}, which is ignored.`);
  }
  return { hidden, locked: lock === '1', ask: readQuestion(one('ask'), ignored), ignored };
}

function readHidden(value: string | null, ignored: string[]): SectionName[] {
  if (value === null) return [];
  const names = value.split(',').map((name) => name.trim());
  const known = SECTION_NAMES.filter((section) => names.slice(0, MOST_NAMES).includes(section));
  const unknown = names.slice(0, MOST_NAMES).filter((name) => !Object.hasOwn(SECTIONS, name));
  for (const name of new Set(unknown)) {
    ignored.push(`The link hides ${quoted(name)}, which is no part of this page: it is ignored.`);
  }
  if (names.length > MOST_NAMES) {
    ignored.push(`The link hides more than ${MOST_NAMES} parts: those after are ignored.`);
  }
  return known;
}

function readQuestion(value: string | null, ignored: string[]): string | null {
  if (value === null) return null;
  if (textProblem('ask', LONGEST_QUESTION, value) === null) return value.trim();
  ignored.push(
    `The link’s question must be 1 to ${LONGEST_QUESTION} printable characters: it is ignored.`,
  );
  return null;
}

/** The address of a lesson as a teacher set it up; `page` is the address of the page without anything asked of it. */
export function teachersLink(page: string, lesson: string | null, link: TeacherLink): string {
  const url = new URL(page);
  url.search = '';
  url.hash = '';
  if (lesson !== null) url.searchParams.set('lesson', lesson);
  if (link.hidden.length > 0) url.searchParams.set('hide', link.hidden.join(','));
  if (link.locked) url.searchParams.set('lock', '1');
  const ask = link.ask?.trim() ?? '';
  if (ask !== '') url.searchParams.set('ask', ask);
  return url.href;
}
