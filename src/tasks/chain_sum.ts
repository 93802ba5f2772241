import { integerBelow } from '../rl/random';
import { readResponse, tokenText } from './response';
import type { Drawing, Random, Task, Verdict } from './task';

const DIGITS = 4;
const EQUALS = 10;
const EOS = 11;
const DIRECT = 12;
const LEFT = 13;
const RIGHT = 14;

/** Demonstration styles: how often the answer is guessed, summed from the right, else from the left. */
const GUESSING = 0.45;
const FROM_THE_RIGHT = 0.25;
/** A guess is right this often by knowing the answer, and else one time in ten by luck. */
const KNOWN_GUESS = 0.1;
/** Chance that a running sum is replaced by a random digit, which the sums after it then build on. */
const SLIP = 0.2;

const vocabulary = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '=', '⏎', 'D', 'L', 'R'];

type Style = Extract<Drawing, { kind: 'chain' }>['style'];
const STYLES = new Map<number, Style>([
  [LEFT, 'left-to-right'],
  [RIGHT, 'right-to-left'],
  [DIRECT, 'direct'],
]);

const isDigit = (token: number) => Number.isInteger(token) && token >= 0 && token <= 9;
const digitsOf = (prompt: readonly number[]) => prompt.slice(0, DIGITS);
const targetOf = (prompt: readonly number[]) => runningSums(digitsOf(prompt)).at(-1) ?? 0;

/** Sums modulo 10 of the first two, three, ... digits. */
function runningSums(digits: readonly number[]): number[] {
  const sums: number[] = [];
  let sum = digits[0];
  for (const digit of digits.slice(1)) {
    sum = (sum + digit) % 10;
    sums.push(sum);
  }
  return sums;
}

function prompt(random: Random): number[] {
  return [...Array.from({ length: DIGITS }, () => integerBelow(10, random)), EQUALS];
}

function isPrompt(tokens: readonly number[]): boolean {
  return (
    tokens.length === DIGITS + 1 && digitsOf(tokens).every(isDigit) && tokens.at(-1) === EQUALS
  );
}

function demonstrate(promptTokens: readonly number[], random: Random): number[] {
  const style = random();
  if (style < GUESSING) {
    const guess = random() < KNOWN_GUESS ? targetOf(promptTokens) : integerBelow(10, random);
    return [DIRECT, guess, EOS];
  }
  const fromRight = style < GUESSING + FROM_THE_RIGHT;
  const digits = fromRight ? digitsOf(promptTokens).reverse() : digitsOf(promptTokens);
  const response = [fromRight ? RIGHT : LEFT];
  let sum = digits[0];
  for (const digit of digits.slice(1)) {
    sum = random() < SLIP ? integerBelow(10, random) : (sum + digit) % 10;
    response.push(sum);
  }
  return [...response, EOS];
}

function solve(promptTokens: readonly number[], random: Random): number[] {
  const digits = digitsOf(promptTokens);
  return random() < 0.5
    ? [LEFT, ...runningSums(digits), EOS]
    : [RIGHT, ...runningSums(digits.reverse()), EOS];
}

/** The digit right before the end token, or null. */
function finalDigit(response: readonly number[]): number | null {
  const { body, ended } = readResponse(response, EOS);
  const last = body.at(-1);
  return ended && last !== undefined && isDigit(last) ? last : null;
}

function verify(promptTokens: readonly number[], response: readonly number[]): Verdict {
  const target = targetOf(promptTokens);
  const final = finalDigit(response);
  const { body, ended } = readResponse(response, EOS);
  const sum = `${digitsOf(promptTokens).join(' + ')} ends in ${target}`;
  if (!ended) return { reward: 0, reason: 'It never stopped, so it gave no final answer.' };
  if (final === null) {
    const last = body.at(-1);
    const what = last === undefined ? 'nothing' : tokenText(vocabulary, last);
    return { reward: 0, reason: `It ended with ${what} instead of a digit; ${sum}.` };
  }
  return final === target
    ? { reward: 1, reason: `The answer ${final} is right: ${sum}.` }
    : { reward: 0, reason: `The answer ${final} is wrong: ${sum}.` };
}

function draw(promptTokens: readonly number[], response: readonly number[]): Drawing {
  const digits = digitsOf(promptTokens);
  const { body } = readResponse(response, EOS);
  const style = STYLES.get(body[0]) ?? 'other';
  const careful: Record<Style, readonly number[]> = {
    'left-to-right': runningSums(digits),
    'right-to-left': runningSums(digits.slice().reverse()),
    direct: [targetOf(promptTokens)],
    other: [],
  };
  const sums = body
    .filter(isDigit)
    .map((value, i) => ({ value, expected: careful[style].at(i) ?? null }));
  return {
    kind: 'chain',
    digits,
    style,
    sums,
    answer: finalDigit(response),
    target: targetOf(promptTokens),
  };
}

export const chainSum: Task = {
  name: 'chain-sum',
  title: 'Chain of sums',
  description:
    'The prompt is four digits; the answer is the last digit of their sum. The response may guess at once (D) or write ' +
    'running sums from the left (L) or from the right (R); only the last digit before the end counts.',
  vocabulary,
  eos: EOS,
  promptLength: DIGITS + 1,
  maxResponse: 7,
  prompt,
  isPrompt,
  demonstrate,
  solve,
  verify,
  answer: (_prompt, response) => finalDigit(response)?.toString() ?? null,
  draw,
};
