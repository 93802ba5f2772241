import type { RecipeKey } from '../../recipe/recipe';
import { knobOf } from '../../recipe/schema';
import { LEAST_ROWS } from '../../rl/evidence';
import type { Change, FindingKind, Severity } from '../../rl/diagnosis';
import type { ChangeWay, SharedFinding } from '../../store/diagnosis';
import { setting } from '../format';

export const TITLES: Readonly<Record<FindingKind, string>> = {
  'not-finite': 'Not finite',
  collapse: 'Collapse',
  explosion: 'Explosion',
  unlearning: 'Unlearning',
  'learning-rate': 'Too fast',
  'no-signal': 'No signal',
  'length-limit': 'Too long',
  'gave-up': 'Gave up',
  'kl-dominates': 'KL too strong',
  saturated: 'λ pinned',
  'inert-clip': 'Clip inert',
};

export const SEVERITIES: Readonly<Record<Severity, string>> = {
  alarm: 'Alarm',
  warning: 'Warning',
  note: 'Note',
};

/** Stays the same while a finding's numbers move. */
export const keyOf = ({ kind, arms }: SharedFinding) =>
  `${kind}:${arms.map(({ id }) => id).join('+')}`;

export const namesOf = ({ arms }: Pick<SharedFinding, 'arms'>) =>
  arms.map(({ name }) => name).join(', ');

/** What there is to find, without numbers: it is announced, so it must change only when the findings do. */
export function summaryOf(findings: readonly SharedFinding[]): string {
  return findings
    .map((f) => `${SEVERITIES[f.severity]}: ${namesOf(f)}, ${TITLES[f.kind].toLowerCase()}.`)
    .join(' ');
}

/** Where the form's label would not read in a sentence. */
const SHORT: Readonly<Partial<Record<RecipeKey, string>>> = {
  positive_weight: 'λ',
  kl_coef: 'KL coefficient',
};

/** What the form calls a setting, inside a sentence. */
export const settingName = (key: RecipeKey): string => SHORT[key] ?? lowerFirst(knobOf(key).label);

/** "λ to 0.5", "learning rate to 1e−4". */
function assignment({ key, value }: Change): string {
  const label = settingName(key);
  return `${label} to ${typeof value === 'number' || value === null ? setting(value) : 'another'}`;
}

export function buttonText(change: Change, way: ChangeWay): string {
  switch (way) {
    case 'live':
      return `Set ${assignment(change)}`;
    case 'restart':
      return `Set ${assignment(change)}, start over`;
    case 'leave-recording':
    case 'impossible':
      return `Train with ${assignment(change).replace(' to ', ' ')}`;
  }
}

/** What has happened after the press. */
export function doneText(finding: SharedFinding, change: Change, way: ChangeWay): string {
  const set = `${namesOf(finding)}: ${assignment(change)}.`;
  if (way === 'live')
    return `${set} Judged again when ${LEAST_ROWS} steps have been trained with it.`;
  return `${set} All arms start over; press Run.`;
}

/** Not of an abbreviation such as KL. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
