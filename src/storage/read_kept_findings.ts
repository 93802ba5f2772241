import { MEASURE_KINDS } from '../recipe/measure';
import {
  choiceProblem,
  numberProblem,
  quoted,
  readObject,
  type Problem,
} from '../recipe/untrusted';
import type { Task } from '../tasks/task';
import {
  MOST_EVALUATIONS,
  MOST_MEASUREMENTS,
  MOST_ROLLOUT_TOKENS,
  responseTokens,
  type KeptEvaluation,
  type KeptMeasurement,
  type KeptRollouts,
} from './kept_findings';
import { first, messages, plainProblems, problem, readOpenObject } from './plain';
import { rolloutsProblems } from './read_rollouts';
import type { RecordedGroup } from './record';

/** What the findings of a run file must fit: its runs, by name, with the task of each, and its steps. */
export interface Fits {
  /** Null where the tokens are those of a policy that is not here. */
  readonly runs: ReadonlyMap<string, Task | null>;
  /** Of the experiment. */
  readonly steps: number;
}

export function evaluationsProblems(value: unknown, fits: Fits): Problem[] {
  if (!Array.isArray(value) || value.length > MOST_EVALUATIONS) {
    return [problem('evaluations', `evaluations must be a list of at most ${MOST_EVALUATIONS}`)];
  }
  const keys: readonly (keyof KeptEvaluation)[] = ['run', 'step', 'values'];
  return first(value, (evaluation: unknown, i) => {
    const where = `evaluations[${i}]`;
    const read = readObject(evaluation, keys, where);
    return read.ok ? foundProblems('evaluations', where, read.value, fits) : read.problems;
  });
}

/** At most one of a kind for each run and step. */
export function measurementsProblems(value: unknown, fits: Fits): Problem[] {
  if (!Array.isArray(value) || value.length > MOST_MEASUREMENTS) {
    return [problem('measurements', `measurements must be a list of at most ${MOST_MEASUREMENTS}`)];
  }
  const keys: readonly (keyof KeptMeasurement)[] = ['run', 'step', 'kind', 'values'];
  const seen = new Set<string>();
  return first(value, (measurement: unknown, i) => {
    const where = `measurements[${i}]`;
    const read = readObject(measurement, keys, where);
    if (!read.ok) return read.problems;
    const kind = choiceProblem(`${where}.kind`, MEASURE_KINDS, read.value.get('kind'));
    const problems = [
      ...messages('measurements', kind),
      ...foundProblems('measurements', where, read.value, fits),
    ];
    if (problems.length > 0) return problems;
    const [kindOf, run, step] = ['kind', 'run', 'step'].map((key) => String(read.value.get(key)));
    const which = `${kindOf} of ${run} after step ${step}`;
    if (seen.has(which)) return [problem('measurements', `${where}: ${which} is there twice`)];
    seen.add(which);
    return [];
  });
}

function foundProblems(
  key: string,
  where: string,
  found: ReadonlyMap<string, unknown>,
  { runs, steps }: Fits,
): Problem[] {
  const values = readOpenObject(`${where}.values`, found.get('values'));
  return [
    ...messages(key, [
      choiceProblem(`${where}.run`, [...runs.keys()], found.get('run')),
      numberProblem(
        `${where}.step`,
        { min: 0, max: steps, integer: true, nullable: false },
        found.get('step'),
      ),
    ]),
    ...(values.ok ? plainProblems(`${where}.values`, found.get('values')) : values.problems),
  ];
}

/** At most once for each run, its steps ascending, and no more of them than a page keeps. */
export function keptRolloutsProblems(value: unknown, { runs, steps }: Fits): Problem[] {
  if (!Array.isArray(value) || value.length > runs.size) {
    return [problem('rollouts', `rollouts must be a list of at most ${runs.size}`)];
  }
  const keys: readonly (keyof KeptRollouts)[] = ['run', 'groups'];
  const seen = new Set<unknown>();
  return first(value, (own: unknown, i) => {
    const where = `rollouts[${i}]`;
    const read = readObject(own, keys, where);
    if (!read.ok) return read.problems;
    const run = read.value.get('run');
    const task = typeof run === 'string' ? runs.get(run) : undefined;
    if (task === undefined || seen.has(run)) {
      const why = task === undefined ? 'is no run of this file' : 'is there twice';
      return [problem('rollouts', `${where}.run ${quoted(run)} ${why}`)];
    }
    seen.add(run);
    const groups = read.value.get('groups');
    const problems = rolloutsProblems(`${where}.groups`, groups, task);
    // What has passed is as its type says.
    return problems.length > 0
      ? problems
      : sizeProblems(`${where}.groups`, groups as readonly RecordedGroup[], steps);
  });
}

function sizeProblems(where: string, groups: readonly RecordedGroup[], steps: number): Problem[] {
  const tokens = groups.reduce((sum, group) => sum + responseTokens(group), 0);
  const inOrder = groups.every(
    ({ step }, i) => step <= steps && step > (groups[i - 1]?.step ?? -1),
  );
  return messages('rollouts', [
    inOrder ? null : `${where} must have steps that ascend and are at most ${steps}`,
    tokens <= MOST_ROLLOUT_TOKENS
      ? null
      : `${where} must have at most ${MOST_ROLLOUT_TOKENS} response tokens; got ${tokens}`,
  ]);
}
