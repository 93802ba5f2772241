import type { PositiveWeightSchedule } from './recipe';
import {
  choiceProblem,
  numberProblem,
  quoted,
  readObject,
  type NumberBounds,
  type Problem,
} from './untrusted';

type ScheduleKind = PositiveWeightSchedule['kind'];

/** One number of a schedule, as a form shows it. */
export interface ScheduleField extends NumberBounds {
  readonly label: string;
  readonly default: number;
  readonly help: string;
}

interface ScheduleForm {
  readonly label: string;
  readonly help: string;
  readonly fields: Readonly<Record<string, ScheduleField>>;
}

/** Every schedule once: its fields, bounds and help. Formulas are in src/rl/schedule.ts. */
export const scheduleForms: Readonly<Record<ScheduleKind, ScheduleForm>> = {
  constant: {
    label: 'Constant',
    help: 'The positive-advantage weight as it is set; the slider acts at once.',
    fields: {},
  },
  stage: {
    label: 'Two stages',
    help: 'Weight 0 in the first half of the run, then a straight line up to 1.',
    fields: {},
  },
  epoch: {
    label: 'By epochs',
    help: 'The run is cut into equal epochs, and the weight rises from 0 in the first to 1 in the last.',
    fields: {
      epochs: {
        label: 'Epochs',
        min: 2,
        max: 1000,
        integer: true,
        nullable: false,
        default: 5,
        help: 'How many levels the weight goes through.',
      },
    },
  },
  'entropy-guided': {
    label: 'Entropy-guided',
    help: 'The weight falls while entropy is below the target and rises otherwise. At 0 it can fall no further, and entropy may still sink.',
    fields: {
      target: {
        label: 'Target entropy (nats)',
        min: 0,
        max: 10,
        integer: false,
        nullable: false,
        default: 0.35,
        help: 'Choose it relative to the entropy at the start, say a third to a half of it.',
      },
      delta: {
        label: 'Change per step',
        min: 0,
        max: 1,
        integer: false,
        nullable: false,
        default: 0.05,
        help: 'How far the weight moves in a step. Large values overshoot.',
      },
      initial: {
        label: 'Weight at the start',
        min: 0,
        max: 1,
        integer: false,
        nullable: false,
        default: 0,
        help: 'The weight of the first step.',
      },
    },
  },
};

const KINDS = Object.keys(scheduleForms) as ScheduleKind[];

/** Everything that is wrong with a foreign schedule; all fields of its kind are required, no others allowed. */
export function scheduleProblems(key: string, value: unknown): Problem[] {
  const all = new Set(KINDS.flatMap((kind) => Object.keys(scheduleForms[kind].fields)));
  const read = readObject(value, ['kind', ...all], key);
  if (!read.ok) return [...read.problems];
  const kind = KINDS.find((candidate) => candidate === read.value.get('kind'));
  if (kind === undefined) {
    const message = choiceProblem(`${key}.kind`, KINDS, read.value.get('kind'));
    return [{ key, message: message ?? `${key}.kind is not known` }];
  }
  const { fields } = scheduleForms[kind];
  const foreign = [...read.value.keys()]
    .filter((field) => field !== 'kind' && !Object.hasOwn(fields, field))
    .map((field) => ({
      key,
      message: `${key}: ${quoted(field)} does not belong to kind "${kind}"`,
    }));
  const wrong = Object.entries(fields).flatMap(([field, bounds]) => {
    const message = numberProblem(`${key}.${field}`, bounds, read.value.get(field));
    return message === null ? [] : [{ key, message }];
  });
  return [...foreign, ...wrong];
}
