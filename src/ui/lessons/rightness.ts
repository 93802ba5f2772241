import { findingOf } from '../../store/lesson_findings';
import type { Option } from './lesson';
import type { RecordHere } from './useRecord';

export type Judgement = 'right' | 'wrong' | 'undecided' | 'unmeasured' | 'unfetched' | 'open';

/** How a prediction came out. A measured one needs the record. */
export function judgePrediction({ right }: Option, record: RecordHere | null): Judgement {
  if (right === null) return 'open';
  if (typeof right === 'boolean') return right ? 'right' : 'wrong';
  if (record === null) return 'unmeasured';
  const { outcome } = findingOf(right.ask, record);
  if (outcome === 'unmeasured') return 'unmeasured';
  if (right.when.includes(outcome)) return 'right';
  return outcome === 'undecided' ? 'undecided' : 'wrong';
}

export const JUDGEMENTS: Readonly<Record<Judgement, string>> = {
  right: 'It came out as you predicted.',
  wrong: 'It came out otherwise.',
  undecided:
    'The measurement does not decide it: the interval over seeds includes 0, so the difference may be none.',
  unmeasured: 'Nobody has measured it yet.',
  unfetched: 'How it came out is in the record, which could not be fetched.',
  open: 'No answer to this is the right one.',
};

/** Where measurement and paper differ, over its claims taken together; those that differ are listed below it. */
export function besideThePaper(outcomes: readonly string[]): string {
  const judged = outcomes.filter((outcome) => outcome !== 'unmeasured');
  const agreeing = judged.filter((outcome) => outcome === 'agrees').length;
  const all = judged.length;
  if (all === 0) return 'None of its claims was measured here.';
  if (agreeing === all) {
    return all === 1
      ? 'Nowhere: its claim agrees with what we measured.'
      : `Nowhere: all ${all} of its claims agree with what we measured.`;
  }
  if (all === 1) return 'Its claim is not confirmed:';
  if (agreeing === 0) return `None of its ${all} claims is confirmed:`;
  const agree = agreeing === 1 ? 'agrees' : 'agree';
  return `${agreeing} of its ${all} claims ${agree} with what we measured. The rest:`;
}
