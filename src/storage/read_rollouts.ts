import { SPEC_LIMITS } from '../model/policy';
import { readObject, type Problem } from '../recipe/untrusted';
import type { Task } from '../tasks/task';
import { first, problem } from './plain';

/** Steps of a run whose responses are kept. */
export const MOST_GROUPS = 64;
const MOST_RESPONSES = 1024;
const MOST_TOKENS = 512;

/**
 * What is wrong with recorded rollouts of a task: what passes can be verified and drawn. In the tokens of a policy that is
 * not here (null) they are lists of token ids, which have to be looked at again before they are.
 */
export function rolloutsProblems(where: string, value: unknown, task: Task | null): Problem[] {
  const size = task?.vocabulary.length ?? SPEC_LIMITS.vocab_size[1];
  const isToken = (token: unknown): boolean =>
    Number.isInteger(token) && Number(token) >= 0 && Number(token) < size;
  return listProblems(where, value, MOST_GROUPS, (group, at) => {
    const read = readObject(group, ['step', 'prompt', 'responses'], at);
    if (!read.ok) return read.problems;
    const step = read.value.get('step');
    return [
      ...(Number.isInteger(step) && Number(step) >= 0
        ? []
        : [problem('arms', `${at}.step must be a step`)]),
      ...(task === null
        ? tokensProblems(`${at}.prompt`, read.value.get('prompt'), isToken)
        : promptProblems(`${at}.prompt`, read.value.get('prompt'), task)),
      ...(isEmpty(read.value.get('responses'))
        ? [problem('arms', `${at}.responses must not be empty`)]
        : []),
      ...listProblems(
        `${at}.responses`,
        read.value.get('responses'),
        MOST_RESPONSES,
        (response, place) => responseProblems(response, place, isToken),
      ),
    ];
  });
}

function responseProblems(
  value: unknown,
  where: string,
  isToken: (token: unknown) => boolean,
): readonly Problem[] {
  const read = readObject(value, ['tokens', 'entropy', 'logprob', 'advantage'], where);
  if (!read.ok) return read.problems;
  const tokens = read.value.get('tokens');
  const length = Array.isArray(tokens) ? tokens.length : 0;
  const perToken = (key: string) => {
    const numbers = read.value.get(key);
    const fits =
      Array.isArray(numbers) && numbers.length === length && numbers.every(Number.isFinite);
    return fits ? [] : [problem('arms', `${where}.${key} must be ${length} numbers`)];
  };
  return [
    ...tokensProblems(`${where}.tokens`, tokens, isToken),
    ...perToken('entropy'),
    ...(read.value.has('logprob') ? perToken('logprob') : []),
    ...(!read.value.has('advantage') || Number.isFinite(read.value.get('advantage'))
      ? []
      : [problem('arms', `${where}.advantage must be a number`)]),
  ];
}

function promptProblems(where: string, value: unknown, task: Task): Problem[] {
  const isPrompt =
    Array.isArray(value) &&
    value.length === task.promptLength &&
    value.every(Number.isInteger) &&
    task.isPrompt(value as number[]);
  return isPrompt ? [] : [problem('arms', `${where} must be a prompt of ${task.name}`)];
}

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

function tokensProblems(
  where: string,
  value: unknown,
  isToken: (token: unknown) => boolean,
): Problem[] {
  if (Array.isArray(value) && value.length <= MOST_TOKENS && value.every(isToken)) return [];
  return [problem('arms', `${where} must be tokens of the task`)];
}

function listProblems(
  where: string,
  value: unknown,
  most: number,
  each: (item: unknown, at: string) => readonly Problem[],
): Problem[] {
  if (!Array.isArray(value) || value.length > most) {
    return [problem('arms', `${where} must be a list of at most ${most} entries`)];
  }
  return first(value, (item: unknown, i) => each(item, `${where}[${i}]`));
}
