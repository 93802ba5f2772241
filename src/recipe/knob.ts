import type { ScheduleKey } from './schedule_forms';
import type { NumberBounds } from './untrusted';

/** The sections of a form, in order. */
export const KNOB_GROUPS = [
  'run',
  'rollouts',
  'rewards',
  'updates',
  'advantage',
  'clipping',
  'tokens',
  'regularisation',
  'optimiser',
] as const;
export type KnobGroup = (typeof KNOB_GROUPS)[number];

interface Described {
  readonly label: string;
  readonly group: KnobGroup;
  /** For a student: what it does, what to expect when it is moved. */
  readonly help: string;
}

export interface NumberKnob extends Described, NumberBounds {
  readonly type: 'number';
  readonly default: number | null;
  /** Unit for people, or null of a bare number. */
  readonly unit: string | null;
  /** Range in which the tasks here behave sensibly; a slider spans it. */
  readonly usual: readonly [low: number, high: number];
  /** How a slider maps positions to values. */
  readonly scale: 'linear' | 'log';
}

export interface ChoiceKnob extends Described {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
}

/** A base policy's name, or a path where the caller allows paths. */
export interface PolicyKnob extends Described {
  readonly type: 'policy';
  readonly default: string;
}

/** The file format; no form shows it. */
export interface VersionKnob extends Described {
  readonly type: 'version';
  readonly default: 1;
}

export interface ScheduleKnob extends Described {
  readonly type: 'schedule';
  /** Its forms in schedule_forms.ts. */
  readonly form: ScheduleKey;
  readonly default: { readonly kind: string };
}

export type Knob = NumberKnob | ChoiceKnob | PolicyKnob | VersionKnob | ScheduleKnob;

type NumberDetails = Omit<NumberKnob, 'type' | 'integer' | 'nullable' | 'unit' | 'scale'>;
type NumberOptions = Partial<Pick<NumberKnob, 'unit' | 'scale'>>;

/** A real number. */
export function real<D extends number>(details: NumberDetails & { default: D } & NumberOptions) {
  return {
    type: 'number',
    integer: false,
    nullable: false,
    unit: null,
    scale: 'linear',
    ...details,
  } as const;
}

/** A real number, or null for "off". */
export function realOrNull(details: NumberDetails & NumberOptions) {
  return {
    type: 'number',
    integer: false,
    nullable: true,
    unit: null,
    scale: 'linear',
    ...details,
  } as const;
}

/** A whole number. */
export function whole<D extends number>(details: NumberDetails & { default: D } & NumberOptions) {
  return {
    type: 'number',
    integer: true,
    nullable: false,
    unit: null,
    scale: 'linear',
    ...details,
  } as const;
}
