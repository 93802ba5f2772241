import { quoted, readObject, refuse, textProblem, type Problem } from '../recipe/untrusted';

/**
 * Numbers, short texts and lists and objects of them: the parts of a run file whose keys may grow without this file
 * knowing, such as measurements. Nothing in them can be more than data.
 */
export type Plain =
  number | boolean | string | null | readonly Plain[] | { readonly [key: string]: Plain };

const DEEPEST = 6;
const LONGEST_LIST = 4096;
const LONGEST_TEXT = 200;
const MOST_KEYS = 256;
const KEY = /^[a-z0-9][a-z0-9_.+-]{0,63}$/i;

/** What keeps a foreign value from being plain data: the first such thing, or nothing. */
export function plainProblems(where: string, value: unknown, depth = 0): Problem[] {
  if (value === null || typeof value === 'boolean') return [];
  if (typeof value === 'number') {
    return Number.isFinite(value) ? [] : [problem(where, `${where} must be finite`)];
  }
  if (typeof value === 'string') {
    const message = value === '' ? null : textProblem(where, LONGEST_TEXT, value);
    return message === null ? [] : [problem(where, message)];
  }
  if (depth >= DEEPEST) return [problem(where, `${where} is nested too deeply`)];
  if (Array.isArray(value)) {
    if (value.length > LONGEST_LIST) {
      return [problem(where, `${where} has more than ${LONGEST_LIST} entries`)];
    }
    return first(value, (item, i) => plainProblems(`${where}[${i}]`, item, depth + 1));
  }
  const read = readOpenObject(where, value);
  if (!read.ok) return [...read.problems];
  return first([...read.value], ([key, item]) => plainProblems(`${where}.${key}`, item, depth + 1));
}

/** The own properties of a foreign object whose names are not fixed, only their form. */
export function readOpenObject(where: string, value: unknown) {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (keys.length > MOST_KEYS) return refuse(where, `${where} has more than ${MOST_KEYS} entries`);
  const odd = keys.find((key) => !KEY.test(key));
  if (odd !== undefined) return refuse(where, `unknown key ${quoted(odd)} in ${where}`);
  return readObject(value, keys, where);
}

/** Problems of the first item that has any. */
export function first<T>(
  items: readonly T[],
  problemsOf: (item: T, index: number) => readonly Problem[],
): Problem[] {
  for (const [index, item] of items.entries()) {
    const problems = problemsOf(item, index);
    if (problems.length > 0) return [...problems];
  }
  return [];
}

export function problem(key: string, message: string): Problem {
  return { key, message };
}

/** The sentences as problems of one field; null is none. */
export function messages(
  key: string,
  sentences: string | null | readonly (string | null)[],
): Problem[] {
  return [sentences].flat().flatMap((message) => (message === null ? [] : [problem(key, message)]));
}
