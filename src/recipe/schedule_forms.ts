import type { DynamicClip, EntropyCoefSchedule, PositiveWeightSchedule } from './recipe';
import {
  choiceProblem,
  numberProblem,
  quoted,
  readObject,
  type NumberBounds,
  type Problem,
} from './untrusted';

/** The settings that are a kind with fields of its own. */
export interface ScheduleOf {
  readonly positive_weight_schedule: PositiveWeightSchedule;
  readonly entropy_coef_schedule: EntropyCoefSchedule;
  readonly dynamic_clip: DynamicClip;
}
export type ScheduleKey = keyof ScheduleOf;

/** One number of a schedule, as a form shows it. */
export interface ScheduleField extends NumberBounds {
  readonly label: string;
  readonly default: number;
  readonly help: string;
}

export interface ScheduleForm {
  readonly label: string;
  readonly help: string;
  readonly fields: Readonly<Record<string, ScheduleField>>;
}

type Forms<S extends { readonly kind: string }> = Readonly<Record<S['kind'], ScheduleForm>>;

function field(
  label: string,
  [min, max]: readonly [number, number],
  fallback: number,
  help: string,
): ScheduleField {
  return { label, min, max, integer: false, nullable: false, default: fallback, help };
}

const GUIDED = {
  delta: field(
    'Change per step',
    [0, 1],
    0.05,
    'How far the weight moves in a step. Large values overshoot.',
  ),
  initial: field('Weight at the start', [0, 1], 0, 'The weight of the first step.'),
} as const;

const BOUNDS = {
  high_base: field(
    'Upper bound at probability 0',
    [0, 1000],
    0.5,
    'Upper clip bound of a token the policy thinks impossible.',
  ),
  high_slope: field(
    'Slope of the upper bound',
    [-1000, 1000],
    -0.25,
    'Change of the upper bound from probability 0 to 1. Negative leaves rare tokens more room to rise.',
  ),
  low_base: field(
    'Lower bound at probability 0',
    [0, 1],
    0.3,
    'Lower clip bound of a token the policy thinks impossible.',
  ),
  low_slope: field(
    'Slope of the lower bound',
    [-1, 1],
    -0.13,
    'Change of the lower bound from probability 0 to 1.',
  ),
} as const;

const positiveWeightForms: Forms<PositiveWeightSchedule> = {
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
        ...field('Epochs', [2, 1000], 5, 'How many levels the weight goes through.'),
        integer: true,
      },
    },
  },
  'entropy-guided': {
    label: 'Entropy-guided',
    help: 'The weight falls while entropy is below the target and rises otherwise. At 0 it can fall no further, and entropy may still sink.',
    fields: {
      target: field(
        'Target entropy (nats)',
        [0, 10],
        0.35,
        'Choose it relative to the entropy at the start, say a third to a half of it.',
      ),
      ...GUIDED,
    },
  },
  'entropy-guided-relative': {
    label: 'Entropy-guided, relative',
    help: "Entropy-guided, with the target given as a share of the base policy's entropy, measured on the rollouts of the first step.",
    fields: {
      fraction: field(
        'Share of the entropy at the start',
        [0, 4],
        0.5,
        'The target, as a share of the entropy of the first rollouts. 1 holds the entropy where it began.',
      ),
      ...GUIDED,
    },
  },
};

const entropyCoefForms: Forms<EntropyCoefSchedule> = {
  constant: {
    label: 'Constant',
    help: 'The entropy bonus as it is set.',
    fields: {},
  },
  adaptive: {
    label: 'Adaptive',
    help: 'The bonus starts as it is set, grows while entropy is below the target and shrinks otherwise, and acts only below the target.',
    fields: {
      target: field(
        'Target entropy (nats)',
        [0, 10],
        0.35,
        'Below it the bonus acts. Choose it relative to the entropy at the start.',
      ),
      delta: field('Change per step', [0, 1], 0.005, 'How far the bonus moves in a step.'),
      max: field('Largest bonus', [0, 1], 0.1, 'The bonus never exceeds this.'),
    },
  },
};

const dynamicClipForms: Forms<DynamicClip> = {
  off: { label: 'Off', help: 'One clip range for all tokens, as it is set.', fields: {} },
  constant: {
    label: 'Constant',
    help: 'Both clip bounds depend on the probability of the token, during the whole run.',
    fields: BOUNDS,
  },
  'increase-decrease': {
    label: 'Increase, then decrease',
    help: 'The upper bound starts dynamic and returns to the fixed one by half time; then the lower bound becomes dynamic and returns by the end. Our reading of the schedule its authors call ID.',
    fields: BOUNDS,
  },
  'oscillatory-decay': {
    label: 'Oscillatory decay',
    help: 'The upper bound is dynamic while entropy is low, the lower one while it is high, with a ceiling that sinks over the run. Our reading of the schedule its authors call OD.',
    fields: {
      ...BOUNDS,
      floor: field(
        'Floor',
        [0, 1],
        0.2,
        'Entropy counts as low at this share of the entropy at the start.',
      ),
    },
  },
};

/** Every schedule once: its fields, bounds and help. Formulas are in src/rl/schedule.ts. */
export const scheduleForms: { readonly [K in ScheduleKey]: Forms<ScheduleOf[K]> } = {
  positive_weight_schedule: positiveWeightForms,
  entropy_coef_schedule: entropyCoefForms,
  dynamic_clip: dynamicClipForms,
};

/** Everything that is wrong with a foreign schedule; all fields of its kind are required, no others allowed. */
export function scheduleProblems(key: ScheduleKey, value: unknown): Problem[] {
  const forms: Readonly<Record<string, ScheduleForm>> = scheduleForms[key];
  const kinds = Object.keys(forms);
  const all = new Set(Object.values(forms).flatMap(({ fields }) => Object.keys(fields)));
  const read = readObject(value, ['kind', ...all], key);
  if (!read.ok) return [...read.problems];
  const kind = kinds.find((candidate) => candidate === read.value.get('kind'));
  const form = kind === undefined ? undefined : forms[kind];
  if (kind === undefined || form === undefined) {
    const message = choiceProblem(`${key}.kind`, kinds, read.value.get('kind'));
    return [{ key, message: message ?? `${key}.kind is not known` }];
  }
  const { fields } = form;
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
