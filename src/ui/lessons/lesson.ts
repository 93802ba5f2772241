import type { Ask, Outcome } from '../../store/lesson_findings';
import type { Preset } from '../../store/softmax';
import type { AxisKind } from '../../store/view';
import type { TermId } from '../formula/terms';
import type { PlaceName } from './places';

/** A lesson is data: a question to commit to, steps that drive the page, and what to compare the answer with. */
export interface Lesson {
  /** Lower-case words joined by hyphens; becomes part of links. */
  readonly id: string;
  readonly title: string;
  readonly minutes: number;
  /** Of the catalogue; null where the lesson needs none. */
  readonly experiment: string | null;
  readonly question: string;
  /** Two to four predictions to choose from. */
  readonly options: readonly Option[];
  /** Three to six. */
  readonly steps: readonly Step[];
  readonly closing: Closing;
}

export interface Option {
  readonly id: string;
  readonly text: string;
  readonly right: Rightness;
}

/** True or false where it can be proved, an outcome where it is measured, null where no answer is the right one. */
export type Rightness = boolean | null | { readonly ask: Ask; readonly when: readonly Outcome[] };

export interface Step {
  /** Short paragraphs. */
  readonly text: readonly string[];
  /** What the button does. */
  readonly show?: { readonly label: string; readonly actions: readonly Action[] };
  /** What to look at; outlined when the step opens. */
  readonly look?: PlaceName;
}

export interface Closing {
  /** What the paper claims, in our words; null where it claims nothing. */
  readonly paper: string | null;
  /** Asked of the record, beside what decides the options. */
  readonly also?: readonly Ask[];
  /** When the paper's claim holds, where the experiment states none by its arms. */
  readonly holds?: { readonly ask: Ask; readonly when: readonly Outcome[] };
  /** Shows every claim of the experiment with its verdict. */
  readonly claims?: boolean;
  /** Why, and what not to conclude. No measured numbers: those are read from the record. */
  readonly keep: readonly string[];
}

/** Something that the page does when the reader asks for it. */
export type Action =
  /** Takes up the lesson's experiment, at step 0. */
  | { readonly act: 'open' }
  /** Plays the recorded run of the lesson's experiment. */
  | { readonly act: 'play' }
  | { readonly act: 'step' }
  | { readonly act: 'arm'; readonly arm: string }
  | { readonly act: 'axis'; readonly axis: AxisKind }
  /** Brings the place of the step into view. */
  | { readonly act: 'look'; readonly at: PlaceName }
  /** Marks a term of the loss formula and brings the formula into view. */
  | { readonly act: 'term'; readonly term: TermId }
  | {
      readonly act: 'softmax';
      readonly preset: Preset;
      readonly token: number;
      readonly advantage: 1 | -1;
      readonly stepSize?: number;
    };

/** Every ask that a lesson puts to the record. */
export function asksOf({ options, closing }: Lesson): readonly Ask[] {
  const deciding = options.flatMap(({ right }) =>
    typeof right === 'object' && right !== null ? [right.ask] : [],
  );
  const seen = new Set<string>();
  const claimed = closing.holds === undefined ? [] : [closing.holds.ask];
  return [...deciding, ...claimed, ...(closing.also ?? [])].filter((ask) => {
    const key = JSON.stringify(ask);
    return seen.has(key) ? false : seen.add(key);
  });
}
