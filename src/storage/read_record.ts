import { armRecipes, parseExperiment, type Experiment } from '../recipe/experiment';
import { MEASURE_KINDS } from '../recipe/measure';
import type { PolicyRules } from '../recipe/schema';
import {
  choiceProblem,
  numberProblem,
  quoted,
  readObject,
  resultOf,
  textProblem,
  type Problem,
  type Result,
} from '../recipe/untrusted';
import { taskNamed } from '../tasks/registry';
import type { Task } from '../tasks/task';
import { rolloutsProblems } from './read_rollouts';
import { first, messages, plainProblems, problem, readOpenObject } from './plain';
import { summaryProblems } from './read_summary';
import { adapterProblems, browserProblem, shadersProblem, truthProblem } from './read_made_with';
import { MOST_POINTS, RECORD_FORMAT, type Made, type RunRecord } from './record';

const MOST_STEPS = 1_000_000;
const MOST_LINES = 4096;
const step = (least: number) => ({ min: least, max: MOST_STEPS, integer: true, nullable: false });

/**
 * A record from foreign data, such as a file that somebody was sent: every part is checked, and what does not belong to
 * the experiment it holds is refused by name.
 */
export function parseRecord(value: unknown, policies: PolicyRules = {}): Result<RunRecord> {
  const keys = ['format', 'experiment', 'made', 'arms', 'summary'] as const;
  const read = readObject(value, keys, 'the record');
  if (!read.ok) return read;
  const format = choiceProblem('format', [RECORD_FORMAT], read.value.get('format'));
  if (format !== null) return { ok: false, problems: [problem('format', format)] };
  const experiment = parseExperiment(read.value.get('experiment'), policies);
  if (!experiment.ok) return experiment;
  const problems = [
    ...madeProblems(read.value.get('made')),
    ...armsProblems(read.value.get('arms'), experiment.value),
    ...summaryProblems(read.value.get('summary'), experiment.value),
  ];
  // The checks have walked the whole value, so it has the type it claims; the experiment has its defaults filled in.
  const record = value as RunRecord;
  const made = { ...UNKNOWN, ...record.made };
  return resultOf({ ...record, experiment: experiment.value, made }, problems);
}

/** What records did not say before there was a place for it. */
const UNKNOWN = { browser: null, shaders: null } satisfies Partial<Made>;

function madeProblems(value: unknown): Problem[] {
  const known = ['adapter', 'version', 'finished_at', 'steps', 'finished'];
  const keys = [...known, ...Object.keys(UNKNOWN)];
  const read = readObject(value, keys, 'made');
  if (!read.ok) return [...read.problems];
  const field = (key: string) => read.value.get(key);
  const finishedAt = field('finished_at');
  const browser = field('browser') ?? null;
  return [
    ...adapterProblems('made.adapter', 'made', field('adapter')),
    ...messages('made', [
      browser === null ? null : browserProblem('made.browser', browser),
      shadersProblem('made.shaders', field('shaders') ?? null),
      textProblem('made.version', 40, field('version')),
      textProblem('made.finished_at', 40, finishedAt),
      typeof finishedAt !== 'string' || Number.isFinite(Date.parse(finishedAt))
        ? null
        : `made.finished_at must be a date; got ${quoted(finishedAt)}`,
      numberProblem('made.steps', step(0), field('steps')),
      truthProblem('made.finished', field('finished')),
    ]),
  ];
}

function armsProblems(value: unknown, experiment: Experiment): Problem[] {
  const names = experiment.arms.map(({ name }) => name);
  const tasks = armRecipes(experiment).map(({ recipe }) => taskNamed(recipe.task));
  if (!Array.isArray(value) || value.length !== names.length) {
    return [problem('arms', `arms must be a list of the ${names.length} arms of the experiment`)];
  }
  return first(value, (arm, i) => {
    const where = `arms[${i}]`;
    const read = readObject(arm, ['name', 'runs'], where);
    if (!read.ok) return read.problems;
    const name = choiceProblem(`${where}.name`, names.slice(i, i + 1), read.value.get('name'));
    return [
      ...messages('arms', [name]),
      ...runsProblems(`${where}.runs`, read.value.get('runs'), experiment.seeds, tasks[i]),
    ];
  });
}

function runsProblems(
  where: string,
  value: unknown,
  seeds: readonly number[],
  task: Task | undefined,
): Problem[] {
  if (!Array.isArray(value) || value.length !== seeds.length) {
    return [problem('arms', `${where} must be a list of ${seeds.length}, one for each seed`)];
  }
  return first(value, (run, i) => {
    const at = `${where}[${i}]`;
    const keys = ['seed', 'steps', 'series', 'evaluations', 'measures', 'rollouts'];
    const read = readObject(run, keys, at);
    if (!read.ok) return read.problems;
    const field = (key: string) => read.value.get(key);
    return [
      ...(field('seed') === seeds[i]
        ? []
        : [problem('arms', `${at}.seed must be ${seeds[i]}; got ${quoted(field('seed'))}`)]),
      ...seriesProblems(at, field('steps'), field('series')),
      ...linesProblems(`${at}.evaluations`, field('evaluations'), () => []),
      ...linesProblems(`${at}.measures`, field('measures'), (line, place) =>
        messages('arms', [choiceProblem(`${place}.kind`, MEASURE_KINDS, line.get('kind'))]),
      ),
      ...(task !== undefined && read.value.has('rollouts')
        ? rolloutsProblems(`${at}.rollouts`, field('rollouts'), task)
        : []),
    ];
  });
}

function seriesProblems(where: string, steps: unknown, series: unknown): Problem[] {
  if (!Array.isArray(steps) || steps.length > MOST_POINTS) {
    return [problem('arms', `${where}.steps must be a list of at most ${MOST_POINTS} steps`)];
  }
  const list: readonly unknown[] = steps;
  const wrongStep = first(list, (value, i) =>
    messages('arms', [
      numberProblem(`${where}.steps[${i}]`, step(1), value),
      isAbove(value, list[i - 1]) ? null : `${where}.steps must ascend`,
    ]),
  );
  const read = readOpenObject(`${where}.series`, series);
  if (wrongStep.length > 0 || !read.ok) return [...wrongStep, ...(read.ok ? [] : read.problems)];
  const missing = ['entropy', 'reward'].filter((key) => !read.value.has(key));
  return [
    ...missing.map((key) => problem('arms', `${where}.series lacks ${key}`)),
    ...first([...read.value], ([key, values]) =>
      Array.isArray(values) && values.length === list.length && values.every(Number.isFinite)
        ? []
        : [problem('arms', `${where}.series.${key} must be ${list.length} numbers`)],
    ),
  ];
}

/** Whether a step may follow the one before it; what is no number is refused elsewhere. */
function isAbove(value: unknown, before: unknown): boolean {
  return typeof value !== 'number' || typeof before !== 'number' || value > before;
}

/** Lines of plain data, each with its step. */
function linesProblems(
  where: string,
  value: unknown,
  more: (line: ReadonlyMap<string, unknown>, place: string) => readonly Problem[],
): Problem[] {
  if (!Array.isArray(value) || value.length > MOST_LINES) {
    return [problem('arms', `${where} must be a list of at most ${MOST_LINES} entries`)];
  }
  return first(value, (line: unknown, i) => {
    const place = `${where}[${i}]`;
    const read = readOpenObject(place, line);
    if (!read.ok) return read.problems;
    return [
      ...messages('arms', [numberProblem(`${place}.step`, step(0), read.value.get('step'))]),
      ...plainProblems(place, line),
      ...more(read.value, place),
    ];
  });
}
