import { RlvrError } from '../errors/failure';
import type { PolicyTokenizer } from '../model/policy';
import type { Random, Task } from './task';

/** A policy's tokens, as far as a task needs to know them. */
export interface ForeignTokens extends Pick<PolicyTokenizer, 'eos' | 'prefix'> {
  /** Text of each token id. */
  readonly vocabulary: readonly string[];
}

/** Texts of a task that no single token of the vocabulary has; the end is a token of its own everywhere. */
export function uncovered(task: Task, vocabulary: readonly string[]): string[] {
  const known = new Set(vocabulary);
  return task.vocabulary.filter((text, id) => id !== task.eos && !known.has(text));
}

const NAMED = 8;

/** Throws RlvrError `badPolicy`, naming what the policy has no token for. */
function checkCovered(task: Task, vocabulary: readonly string[]): void {
  const missing = uncovered(task, vocabulary);
  if (missing.length === 0) return;
  const named = missing.slice(0, NAMED).map((text) => JSON.stringify(text));
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  const detail = `the vocabulary of the policy has no single token for ${named.join(', ')}${more} of ${task.name}`;
  throw new RlvrError({ kind: 'badPolicy', detail });
}

/**
 * A task written in the tokens of a policy from elsewhere: each text of the task is the policy's token of that very
 * text, its end token the policy's, and what the policy puts before every text stands before the prompt. The policy
 * may answer with any token it has; one that is none of the task's is wrong wherever it comes. Throws RlvrError
 * `badPolicy` where a text has no token.
 */
export function taskInTokens(task: Task, { vocabulary, eos, prefix }: ForeignTokens): Task {
  checkCovered(task, vocabulary);
  const theirs = task.vocabulary.map((text, id) =>
    id === task.eos ? eos : vocabulary.indexOf(text),
  );
  const ours = new Map(theirs.map((token, id) => [token, id]));
  // Beyond the task's own ids, so that no rule can take it for one of them.
  const toOurs = (tokens: readonly number[]) =>
    tokens.map((token) => ours.get(token) ?? task.vocabulary.length + token);
  const toTheirs = (tokens: readonly number[]) => tokens.map((token) => theirs[token]);
  const promptOf = (prompt: readonly number[]) => toOurs(prompt.slice(prefix.length));
  /** Reasons name a token beyond the vocabulary by its number. */
  const inText = (reason: string) =>
    reason.replace(/\btoken (\d+)\b/, (whole, id: string) => {
      const text = vocabulary[Number(id) - task.vocabulary.length];
      return text === undefined ? whole : JSON.stringify(text);
    });
  return {
    ...task,
    vocabulary,
    eos,
    promptLength: prefix.length + task.promptLength,
    prompt: (random: Random) => [...prefix, ...toTheirs(task.prompt(random))],
    isPrompt: (tokens) =>
      prefix.every((token, i) => tokens[i] === token) && task.isPrompt(promptOf(tokens)),
    demonstrate: (prompt, random) => toTheirs(task.demonstrate(promptOf(prompt), random)),
    solve(prompt, random) {
      const response = task.solve(promptOf(prompt), random);
      return response === null ? null : toTheirs(response);
    },
    verify(prompt, response) {
      const { reward, reason } = task.verify(promptOf(prompt), toOurs(response));
      return { reward, reason: inText(reason) };
    },
    answer: (prompt, response) => task.answer(promptOf(prompt), toOurs(response)),
    draw: (prompt, response) => task.draw(promptOf(prompt), toOurs(response)),
  };
}
