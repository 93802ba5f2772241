import type { Experiment } from '../recipe/experiment';
import { choiceProblem, numberProblem, type NumberBounds, type Problem } from '../recipe/untrusted';
import { first, plainProblems, problem, readOpenObject } from './plain';

/**
 * What is wrong with a foreign summary of an experiment (ExperimentSummary in src/rl/summary.ts). Which quantities it
 * holds may grow, so their names are free; that each is a statement made of numbers is not.
 */
export function summaryProblems(value: unknown, { arms }: Experiment): Problem[] {
  const names = arms.map(({ name }) => name);
  const read = readOpenObject('summary', value);
  if (!read.ok) return [...read.problems];
  const list = (key: string, check: (item: unknown, where: string) => readonly Problem[]) => {
    const items = read.value.get(key);
    return Array.isArray(items)
      ? first(items, (item: unknown, i) => check(item, `summary.${key}[${i}]`))
      : [problem('summary', `summary.${key} must be a list`)];
  };
  const others = [...read.value].filter(([key]) => !['runs', 'arms', 'pairs'].includes(key));
  return [
    ...list('runs', (run, where) => [
      ...nameProblems(run, where, ['arm'], names),
      ...plainProblems(where, withoutNames(run, ['arm'])),
    ]),
    ...list('arms', (arm, where) => statementsProblems(arm, where, ['arm'], names)),
    ...list('pairs', (pair, where) => statementsProblems(pair, where, ['first', 'second'], names)),
    ...first(others, ([key, item]) => plainProblems(`summary.${key}`, item)),
  ];
}

/** An arm or a pair of arms with statements about it: alone, or several under one name. */
function statementsProblems(
  value: unknown,
  where: string,
  labels: readonly string[],
  names: readonly string[],
): Problem[] {
  const read = readOpenObject(where, value);
  if (!read.ok) return [...read.problems];
  const quantities = [...read.value].filter(([key]) => !labels.includes(key));
  const missing = ['entropy', 'reward', 'evaluation'].filter((key) => !read.value.has(key));
  const counted = labels.includes('first');
  return [
    ...nameProblems(value, where, labels, names),
    ...missing.map((key) => problem('summary', `${where} lacks ${key}`)),
    ...first(quantities, ([key, item]) => {
      const at = `${where}.${key}`;
      if (isStatement(item)) return statementProblems(at, item, counted);
      const group = readOpenObject(at, item);
      if (!group.ok) return group.problems;
      return first([...group.value], ([name, statement]) =>
        statementProblems(`${at}.${name}`, statement, counted),
      );
    }),
  ];
}

const isStatement = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'mean');

const NUMBER: NumberBounds = {
  min: -Number.MAX_VALUE,
  max: Number.MAX_VALUE,
  integer: false,
  nullable: false,
};
const COUNT: NumberBounds = { min: 0, max: 100_000, integer: true, nullable: false };

/** Mean, spread and interval over seeds, of a pair also how often each sign occurs; what else there is are numbers. */
function statementProblems(where: string, value: unknown, counted: boolean): Problem[] {
  const read = readOpenObject(where, value);
  if (!read.ok) return [...read.problems];
  const counts = ['n', ...(counted ? ['higher', 'lower', 'equal'] : [])];
  const keys = new Set([...counts, 'mean', 'sd', ...read.value.keys()]);
  keys.delete('interval');
  const boundsOf = (key: string): NumberBounds =>
    counts.includes(key) ? COUNT : { ...NUMBER, nullable: key !== 'mean' };
  const messages = [...keys].map((key) =>
    numberProblem(`${where}.${key}`, boundsOf(key), read.value.get(key)),
  );
  const interval = read.value.get('interval');
  if (interval !== null && !isInterval(interval)) {
    messages.push(`${where}.interval must be null or [low, high]`);
  }
  return messages.flatMap((message) => (message === null ? [] : [problem('summary', message)]));
}

function isInterval(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [low, high] = value as unknown[];
  return (
    typeof low === 'number' &&
    typeof high === 'number' &&
    Number.isFinite(low) &&
    Number.isFinite(high) &&
    low <= high
  );
}

/** The keys that must name arms of the experiment. */
function nameProblems(
  value: unknown,
  where: string,
  labels: readonly string[],
  names: readonly string[],
): Problem[] {
  const read = readOpenObject(where, value);
  if (!read.ok) return [...read.problems];
  return labels.flatMap((label) => {
    const message = choiceProblem(`${where}.${label}`, names, read.value.get(label));
    return message === null ? [] : [problem('summary', message)];
  });
}

function withoutNames(value: unknown, labels: readonly string[]): object {
  const entries = Object.entries(value ?? {}).filter(([key]) => !labels.includes(key));
  return Object.fromEntries(entries);
}
