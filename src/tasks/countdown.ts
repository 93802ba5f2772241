import { integerBelow, pick } from '../rl/random';
import { evaluate, expressions, readTerms, type Expression, type Term } from './expression';
import { readResponse } from './response';
import type { Drawing, Random, Task, Verdict } from './task';

const DIGITS = 4;
const PLUS = 10;
const MINUS = 11;
const EQUALS = 12;
const EOS = 13;
const LARGEST_TARGET = 40;
/** Chance that a demonstration is a random expression, whatever its value. */
const CARELESS = 0.3;

const vocabulary = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', '=', '⏎'];
const SIGNS = { plus: PLUS, minus: MINUS };
const TEMPLATES = expressions(DIGITS);

const targetOf = (prompt: readonly number[]) => prompt[0] * 10 + prompt[1];
const digitsOf = (prompt: readonly number[]) => prompt.slice(2, 2 + DIGITS);

function prompt(random: Random): number[] {
  for (;;) {
    const digits = Array.from({ length: DIGITS }, () => 1 + integerBelow(9, random));
    const target = valueAt(pick(TEMPLATES, random), digits);
    if (target >= 0 && target <= LARGEST_TARGET) {
      return [Math.floor(target / 10), target % 10, ...digits, EQUALS];
    }
  }
}

function isPrompt(tokens: readonly number[]): boolean {
  const digits = tokens.slice(0, -1);
  return (
    tokens.length === DIGITS + 3 &&
    digits.every((token) => Number.isInteger(token) && token >= 0 && token <= 9) &&
    tokens.at(-1) === EQUALS
  );
}

/** An expression over digit positions with the digits of a prompt in their places. */
function fill(template: Expression, digits: readonly number[]): Term[] {
  return template.map(({ sign, position }) => ({ sign, digit: digits[position] }));
}

/** The value of a filled-in expression, without building it: the solver asks this of all 312. */
function valueAt(template: Expression, digits: readonly number[]): number {
  let value = 0;
  for (const { sign, position } of template) value += sign * digits[position];
  return value;
}

function write(terms: readonly Term[]): number[] {
  const tokens = terms.flatMap(({ sign, digit }) => [sign > 0 ? PLUS : MINUS, digit]);
  return [...tokens.slice(1), EOS];
}

function demonstrate(promptTokens: readonly number[], random: Random): number[] {
  if (random() < CARELESS) return write(fill(pick(TEMPLATES, random), digitsOf(promptTokens)));
  return (
    solve(promptTokens, random) ?? write(fill(pick(TEMPLATES, random), digitsOf(promptTokens)))
  );
}

function solve(promptTokens: readonly number[], random: Random): number[] | null {
  const digits = digitsOf(promptTokens);
  const target = targetOf(promptTokens);
  const right = TEMPLATES.filter((template) => valueAt(template, digits) === target);
  return right.length > 0 ? write(fill(pick(right, random), digits)) : null;
}

/** The first digit the prompt does not have (or not that often), or null. */
function firstForeignDigit(terms: readonly Term[], digits: readonly number[]): number | null {
  const left = digits.slice();
  for (const { digit } of terms) {
    const at = left.indexOf(digit);
    if (at < 0) return digit;
    left.splice(at, 1);
  }
  return null;
}

function verify(promptTokens: readonly number[], response: readonly number[]): Verdict {
  const digits = digitsOf(promptTokens);
  const target = targetOf(promptTokens);
  const { body, ended } = readResponse(response, EOS);
  if (!ended) return miss('It never stopped, so the expression is not finished.');
  const terms = readTerms(body, SIGNS);
  if (terms === null) return miss('It is not digits joined by + or -.');
  const foreign = firstForeignDigit(terms, digits);
  if (foreign !== null) {
    return miss(
      digits.includes(foreign)
        ? `It uses ${foreign} more often than the prompt gives it.`
        : `It uses ${foreign}, which the prompt does not give.`,
    );
  }
  const value = evaluate(terms);
  if (value !== target) return miss(`${textOf(body)} is ${value}, not ${target}.`);
  return {
    reward: 1,
    reason: `${textOf(body)} is ${target}, with each given digit used at most once.`,
  };
}

const miss = (reason: string): Verdict => ({ reward: 0, reason });
const textOf = (body: readonly number[]) => body.map((token) => vocabulary[token] ?? '?').join('');

/** The terms in a fixed order: 3+8 and 8+3 are one answer. */
function answer(_prompt: readonly number[], response: readonly number[]): string | null {
  const { body, ended } = readResponse(response, EOS);
  const terms = ended ? readTerms(body, SIGNS) : null;
  if (terms === null) return null;
  return terms
    .map(({ sign, digit }) => `${sign > 0 ? '+' : '-'}${digit}`)
    .sort()
    .join('');
}

function draw(promptTokens: readonly number[], response: readonly number[]): Drawing {
  const { body } = readResponse(response, EOS);
  const terms = readTerms(body, SIGNS);
  return {
    kind: 'expression',
    digits: digitsOf(promptTokens),
    target: targetOf(promptTokens),
    text: textOf(body),
    value: terms === null ? null : evaluate(terms),
  };
}

export const countdown: Task = {
  name: 'countdown',
  title: 'Countdown',
  description:
    'The prompt is a target of two digits and four digits to use. A correct response joins some of the four, each at most ' +
    'once, with + and - so that the value is the target; many expressions are correct.',
  vocabulary,
  eos: EOS,
  promptLength: DIGITS + 3,
  maxResponse: 8,
  prompt,
  isPrompt,
  demonstrate,
  solve,
  verify,
  answer,
  draw,
};
