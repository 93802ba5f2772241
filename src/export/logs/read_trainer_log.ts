import { parseStrictJson } from '../../model/json';
import { numberProblem, quoted, refuse, type Result } from '../../recipe/untrusted';
import type { StepMetrics } from '../../rl/metrics';
import { METRIC_KEYS, METRIC_NAMES, type Trainer } from './metric_names';

/** What another trainer logged, in our quantities. */
export interface TrainerLog {
  readonly trainer: Trainer;
  /** Rows of each column; a column has NaN where nothing was logged. Row i is step i + 1. */
  readonly steps: number;
  readonly columns: ReadonlyMap<keyof StepMetrics, Float64Array>;
}

/** Largest file that is read. */
export const MOST_LOG_BYTES = 32 * 2 ** 20;
const MOST_STEPS = 100_000;

const FIELD = 'log';
const STEP = { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, nullable: false };
const VALUE = { min: -1e30, max: 1e30, integer: false, nullable: false };

interface Entry {
  readonly step: number;
  readonly values: ReadonlyMap<keyof StepMetrics, number>;
}

/**
 * Reads what TRL saves as trainer_state.json (or its `log_history` alone), or the lines of verl's file logger. TRL counts
 * updates and logs every so many of them: its entries are taken one after another for steps 1, 2, ... A step of verl is
 * one of ours. Quantities that we do not have are left out; a log without any that we have is refused, as is one with a
 * number that is none.
 */
export function parseTrainerLog(text: string): Result<TrainerLog> {
  if (text.length > MOST_LOG_BYTES) {
    return refuse(FIELD, `A log has ${MOST_LOG_BYTES / 2 ** 20} MB at most.`);
  }
  const whole = parsed(text);
  if (Array.isArray(whole)) return logOf('trl', whole);
  if (isObject(whole) && Array.isArray(own(whole, 'log_history'))) {
    return logOf('trl', own(whole, 'log_history') as unknown[]);
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const objects: unknown[] = [];
  for (const [i, line] of lines.entries()) {
    const value = parsed(line);
    const data = isObject(value) ? own(value, 'data') : undefined;
    if (!isObject(value) || !isObject(data)) {
      return refuse(
        FIELD,
        i === 0
          ? 'It is neither a trainer_state.json of TRL nor the metrics that verl’s file logger writes.'
          : `Line ${i + 1} is not a step with its data.`,
      );
    }
    objects.push({ ...data, step: own(value, 'step') });
  }
  return logOf('verl', objects);
}

function logOf(trainer: Trainer, list: readonly unknown[]): Result<TrainerLog> {
  const entries: Entry[] = [];
  for (const [i, value] of list.entries()) {
    const entry = entryOf(trainer, value, `entry ${i + 1}`);
    if (!entry.ok) return entry;
    // Evaluations and the summary at the end have none of our quantities.
    if (entry.value.values.size === 0) continue;
    const last = entries.at(-1)?.step ?? -1;
    if (entry.value.step <= last) {
      return refuse(
        FIELD,
        `The steps must ascend: entry ${i + 1} has ${entry.value.step} after ${last}.`,
      );
    }
    entries.push(entry.value);
  }
  const placed = entries.map(({ step, values }, i) => ({
    at: trainer === 'trl' ? i : step - 1,
    values,
  }));
  const drawn = placed.filter(({ at }) => at >= 0);
  const steps = (drawn.at(-1)?.at ?? -1) + 1;
  if (steps === 0)
    return refuse(FIELD, 'It has no quantity that is drawn here, such as entropy or reward.');
  if (steps > MOST_STEPS)
    return refuse(FIELD, `It has ${steps} steps; ${MOST_STEPS} are read at most.`);
  const columns = new Map<keyof StepMetrics, Float64Array>();
  for (const { at, values } of drawn) {
    for (const [key, value] of values) {
      const column = columns.get(key) ?? new Float64Array(steps).fill(NaN);
      columns.set(key, column);
      column[at] = value;
    }
  }
  return { ok: true, value: { trainer, steps, columns } };
}

function entryOf(trainer: Trainer, value: unknown, where: string): Result<Entry> {
  if (!isObject(value)) return refuse(FIELD, `${where} is not an object.`);
  const problem = numberProblem(`step of ${where}`, STEP, own(value, 'step'));
  if (problem !== null) return refuse(FIELD, `${problem}.`);
  const values = new Map<keyof StepMetrics, number>();
  for (const [key, name] of NAMES[trainer]) {
    const found = own(value, name);
    if (found === undefined || values.has(key)) continue;
    const wrong = numberProblem(`${quoted(name)} of ${where}`, VALUE, found);
    if (wrong !== null) return refuse(FIELD, `${wrong}.`);
    values.set(key, Number(found));
  }
  return { ok: true, value: { step: Number(own(value, 'step')), values } };
}

/** Which of their names we draw as which quantity; of several for one quantity the first that is there. */
const NAMES: Readonly<Record<Trainer, readonly (readonly [keyof StepMetrics, string])[]>> = {
  trl: [...named('trl'), ['reward', 'reward']],
  verl: named('verl'),
};

function named(trainer: Trainer): (readonly [keyof StepMetrics, string])[] {
  return METRIC_KEYS.flatMap((key) => {
    const metric = METRIC_NAMES[key][trainer];
    // A factor needs the recipe, which a log does not have.
    return metric === null || metric.factor !== undefined || key === 'step'
      ? []
      : [[key, metric.name] as const];
  });
}

function parsed(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
