import { armRecipes, parseExperiment, type Experiment } from '../recipe/experiment';
import { LONGEST_NAME } from '../recipe/experiment_parts';
import { isOwnPolicy } from '../recipe/own_policy';
import type { RecipeKey } from '../recipe/recipe';
import { RECIPE_KEYS, settingProblems } from '../recipe/schema';
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
import { first, messages, problem } from './plain';
import {
  evaluationsProblems,
  keptRolloutsProblems,
  measurementsProblems,
} from './read_kept_findings';
import { adapterProblems, browserProblem, shadersProblem } from './read_made_with';
import {
  MOST_FILE_BYTES,
  VERSION,
  type Header,
  type KeptArm,
  type KeptMark,
  type Parent,
} from './run_file';

const MOST_STEPS = 1_000_000;
const MOST_MARKS = 10_000;
const MOST_COLUMNS = 64;
const COLOURS = 64;
const RUN_ID = /^[a-z0-9-]{8,64}$/;
const ARM_ID = /^arm-[1-9][0-9]{0,5}$/;
const CATALOGUE_ID = /^[a-z0-9-]{1,64}$/;
const COLUMN = /^[a-z][a-z0-9_]{0,63}$/;

const KEYS_OF_1 = [
  'id',
  'name',
  'created',
  'changed',
  'program',
  'browser',
  'adapter',
  'parent',
  'catalogue',
  'experiment',
  'arms',
  'step',
  'marks',
  'evaluations',
  'series',
  'checkpoint',
] as const satisfies readonly (keyof Header)[];

/** What older formats do not have, by the first that does, as their files are read. */
const ADDED: readonly { readonly since: number; readonly keys: Partial<Header> }[] = [
  { since: 2, keys: { measurements: [], rollouts: [] } },
  { since: 5, keys: { shaders: null } },
];

const whole = (min: number, max: number) => ({ min, max, integer: true, nullable: false });

/** Reads the head of a run file of a version; what does not belong to the experiment in it is refused by name. */
export function parseHeader(value: unknown, version = VERSION): Result<Header> {
  const own = ADDED.filter(({ since }) => since <= version).flatMap(({ keys }) =>
    Object.keys(keys),
  );
  const read = readObject(value, [...KEYS_OF_1, ...own], 'the run');
  if (!read.ok) return read;
  const lacking = ADDED.filter(({ since }) => since > version).map(({ keys }) => keys);
  if (lacking.length > 0) {
    return parseHeader(lacking.reduce((all, keys) => ({ ...all, ...keys }), value as object));
  }
  const field = (key: keyof Header) => read.value.get(key);
  const experiment = parseExperiment(field('experiment'));
  if (!experiment.ok) return experiment;
  const steps = armRecipes(experiment.value)[0]?.recipe.steps ?? 0;
  const step = field('step');
  const simple = [
    ...messages('id', patternProblem('id', RUN_ID, field('id'))),
    ...messages('name', textProblem('name', LONGEST_NAME, field('name'))),
    ...messages('created', dateProblem('created', field('created'))),
    ...messages('changed', dateProblem('changed', field('changed'))),
    ...messages('program', textProblem('program', 40, field('program'))),
    ...messages('browser', browserProblem('browser', field('browser'))),
    ...messages('shaders', shadersProblem('shaders', field('shaders'))),
    ...messages(
      'catalogue',
      field('catalogue') === null
        ? null
        : patternProblem('catalogue', CATALOGUE_ID, field('catalogue')),
    ),
    ...messages('step', numberProblem('step', whole(0, Math.min(steps, MOST_STEPS)), step)),
    ...(field('adapter') === null ? [] : adapterProblems('adapter', 'adapter', field('adapter'))),
    ...parentProblems(field('parent')),
    ...armProblems(field('arms'), experiment.value),
  ];
  if (simple.length > 0) return { ok: false, problems: simple };
  // Checked above, as everything below is before the cast at the end.
  const arms = field('arms') as readonly KeptArm[];
  const runs = runsOf(arms, experiment.value);
  const problems = [
    ...marksProblems(field('marks'), arms, steps),
    ...evaluationsProblems(field('evaluations'), { runs, steps }),
    ...measurementsProblems(field('measurements'), { runs, steps }),
    ...keptRolloutsProblems(field('rollouts'), { runs, steps }),
    ...seriesProblems(field('series'), [...runs.keys()]),
    ...checkpointProblems(field('checkpoint'), step as number),
  ];
  return resultOf({ ...(value as Header), experiment: experiment.value }, problems);
}

function parentProblems(value: unknown): Problem[] {
  if (value === null) return [];
  const keys: readonly (keyof Parent)[] = ['run', 'name', 'arm', 'step'];
  const read = readObject(value, keys, 'parent');
  if (!read.ok) return [...read.problems];
  const field = (key: keyof Parent) => read.value.get(key);
  return [
    patternProblem('parent.run', RUN_ID, field('run')),
    textProblem('parent.name', LONGEST_NAME, field('name')),
    textProblem('parent.arm', LONGEST_NAME, field('arm')),
    numberProblem('parent.step', whole(0, MOST_STEPS), field('step')),
  ].flatMap((message) => messages('parent', message));
}

function armProblems(value: unknown, { arms }: Experiment): Problem[] {
  if (!Array.isArray(value) || value.length !== arms.length) {
    return [problem('arms', `arms must be a list of the ${arms.length} arms of the experiment`)];
  }
  const list: readonly unknown[] = value;
  const ids = list.map((arm) =>
    typeof arm === 'object' && arm !== null && Object.hasOwn(arm, 'id')
      ? (arm as { readonly id: unknown }).id
      : null,
  );
  return first(list, (arm, i) => {
    const read = readObject(arm, ['id', 'colour'], `arms[${i}]`);
    if (!read.ok) return read.problems;
    return [
      patternProblem(`arms[${i}].id`, ARM_ID, ids[i]),
      ids.indexOf(ids[i]) < i ? `two arms have the id ${quoted(ids[i])}` : null,
      numberProblem(`arms[${i}].colour`, whole(0, COLOURS), read.value.get('colour')),
    ].flatMap((message) => messages('arms', message));
  });
}

function marksProblems(value: unknown, arms: readonly KeptArm[], steps: number): Problem[] {
  if (!Array.isArray(value) || value.length > MOST_MARKS) {
    return [problem('marks', `marks must be a list of at most ${MOST_MARKS}`)];
  }
  const ids = arms.map(({ id }) => id);
  const keys: readonly (keyof KeptMark)[] = ['arm', 'setting', 'from', 'to', 'step'];
  return first(value, (mark: unknown, i) => {
    const where = `marks[${i}]`;
    const read = readObject(mark, keys, where);
    if (!read.ok) return read.problems;
    const field = (key: keyof KeptMark) => read.value.get(key);
    const setting = field('setting');
    const named = choiceProblem(`${where}.setting`, RECIPE_KEYS, setting);
    return [
      ...messages('marks', choiceProblem(`${where}.arm`, ids, field('arm'))),
      // A change may be promised for the step after the last.
      ...messages('marks', numberProblem(`${where}.step`, whole(1, steps + 1), field('step'))),
      ...(named === null
        ? [field('from'), field('to')].flatMap((of) => settingProblems(setting as RecipeKey, of))
        : messages('marks', named)),
    ];
  });
}

/** The task of every run, all arms at all seeds, in order; null in the tokens of an imported policy, unknown here. */
function runsOf(
  arms: readonly KeptArm[],
  experiment: Experiment,
): ReadonlyMap<string, Task | null> {
  const tasks = armRecipes(experiment).map(({ recipe }) =>
    isOwnPolicy(recipe.policy) ? null : taskNamed(recipe.task),
  );
  return new Map(
    arms.flatMap(({ id }, a) => {
      const task = tasks[a];
      if (task === undefined) return [];
      return experiment.seeds.map((seed) => [`${id}#${seed}`, task] as const);
    }),
  );
}

function seriesProblems(value: unknown, runs: readonly string[]): Problem[] {
  if (!Array.isArray(value) || value.length !== runs.length) {
    return [problem('series', `series must be a list of ${runs.length}, one for each run`)];
  }
  return first(value, (own: unknown, i) => {
    const where = `series[${i}]`;
    const read = readObject(own, ['run', 'columns'], where);
    if (!read.ok) return read.problems;
    const run = choiceProblem(`${where}.run`, runs.slice(i, i + 1), read.value.get('run'));
    const columns = read.value.get('columns');
    return [
      ...messages('series', run),
      ...(isColumns(columns)
        ? []
        : [
            problem(
              'series',
              `${where}.columns must be the names of at most ${MOST_COLUMNS} different quantities`,
            ),
          ]),
    ];
  });
}

function isColumns(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MOST_COLUMNS) return false;
  const list: readonly unknown[] = value;
  return (
    new Set(list).size === list.length &&
    list.every((key) => typeof key === 'string' && COLUMN.test(key))
  );
}

function checkpointProblems(value: unknown, step: number): Problem[] {
  if (value === null) return [];
  const read = readObject(value, ['step', 'bytes'], 'checkpoint');
  if (!read.ok) return [...read.problems];
  return [
    numberProblem('checkpoint.step', whole(1, step), read.value.get('step')),
    numberProblem('checkpoint.bytes', whole(0, MOST_FILE_BYTES), read.value.get('bytes')),
  ].flatMap((message) => messages('checkpoint', message));
}

function patternProblem(key: string, pattern: RegExp, value: unknown): string | null {
  return typeof value === 'string' && pattern.test(value)
    ? null
    : `${key} is not one that this page gives; got ${quoted(value)}`;
}

function dateProblem(key: string, value: unknown): string | null {
  const text = textProblem(key, 40, value);
  if (text !== null) return text;
  return Number.isFinite(Date.parse(value as string))
    ? null
    : `${key} must be a date; got ${quoted(value)}`;
}
