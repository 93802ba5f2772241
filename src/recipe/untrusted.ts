/** What is wrong with one field of a file, a form or a link; `message` is a whole sentence that names the field. */
export interface Problem {
  readonly key: string;
  readonly message: string;
}

/** A checked value, or everything that is wrong with it. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const MOST_PROBLEMS = 20;
const LONGEST_QUOTE = 40;

/** The value where there are no problems, else the first twenty of them. */
export function resultOf<T>(value: T, problems: readonly Problem[]): Result<T> {
  return problems.length === 0
    ? { ok: true, value }
    : { ok: false, problems: problems.slice(0, MOST_PROBLEMS) };
}

export function refuse(key: string, message: string): Result<never> {
  return { ok: false, problems: [{ key, message }] };
}

/** All problems as one line of text. */
export function problemText(problems: readonly Problem[]): string {
  return problems.map(({ message }) => message).join('; ');
}

/**
 * Control characters and marks of direction, which could rewrite a terminal line or a table row; what is not seen at all, by
 * which two names can look alike; and halves of a letter, which no file or link keeps. (Joiners of letters are text.)
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A foreign value as it may appear in a sentence: short, quoted, on one line. */
export function quoted(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return quotedText(value);
    case 'number':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'nothing';
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function quotedText(text: string): string {
  const short = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  // JSON escapes the controls below 0x20 only, and halves of a letter.
  return JSON.stringify(short).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * The own properties of a foreign object, which must be among `allowed`. Inherited ones do not exist here, and
 * `__proto__` or `constructor` are unknown keys like any other: nothing is ever assigned by a foreign name.
 */
export function readObject(
  value: unknown,
  allowed: readonly string[],
  what: string,
): Result<ReadonlyMap<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(what, `${what} must be an object; got ${quoted(value)}`);
  }
  const entries = Object.entries(value);
  const unknown = entries
    .filter(([key]) => !allowed.includes(key))
    .slice(0, MOST_PROBLEMS)
    .map(([key]) => ({ key, message: `unknown key ${quoted(key)} in ${what}` }));
  return resultOf(new Map(entries), unknown);
}

/** Bounds of a number; both ends are allowed. */
export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  readonly nullable: boolean;
}

/** Null where the value is a number within bounds (or an allowed null), else the sentence that says so. */
export function numberProblem(key: string, bounds: NumberBounds, value: unknown): string | null {
  if (value === null && bounds.nullable) return null;
  const { min, max, integer } = bounds;
  // NaN and the infinities fail the comparisons.
  const fits = typeof value === 'number' && value >= min && value <= max;
  if (fits && (!integer || Number.isInteger(value))) return null;
  const kind = `${bounds.nullable ? 'null or ' : ''}${integer ? 'a whole number ' : ''}`;
  return `${key} must be ${kind}between ${min} and ${max}; got ${quoted(value)}`;
}

/** Null where the value is one of the choices, else the sentence that lists them. */
export function choiceProblem(
  key: string,
  choices: readonly string[],
  value: unknown,
): string | null {
  if (typeof value === 'string' && choices.includes(value)) return null;
  return `${key} must be one of ${choices.join(', ')}; got ${quoted(value)}`;
}

/** Null where the value is a short printable text, else the sentence that says so. */
export function textProblem(key: string, longest: number, value: unknown): string | null {
  if (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= longest &&
    value.search(UNPRINTABLE) < 0
  ) {
    return null;
  }
  return `${key} must be a text of 1 to ${longest} printable characters; got ${quoted(value)}`;
}
