/** A signed digit; the first term of an expression always has sign +1. */
export interface Term {
  readonly sign: 1 | -1;
  readonly digit: number;
}

/** An expression with positions in place of digits. */
export type Expression = readonly { readonly sign: 1 | -1; readonly position: number }[];

/** The value of a sum of signed digits. */
export function evaluate(terms: readonly Term[]): number {
  return terms.reduce((value, { sign, digit }) => value + sign * digit, 0);
}

/** Every way to join two or more of n positions, each used once, by + and -. */
export function expressions(n: number): Expression[] {
  const all: Expression[] = [];
  const extend = (start: Expression) => {
    if (start.length >= 2) all.push(start);
    for (let position = 0; position < n; position++) {
      if (start.some((term) => term.position === position)) continue;
      extend([...start, { sign: 1, position }]);
      if (start.length > 0) extend([...start, { sign: -1, position }]);
    }
  };
  extend([]);
  return all;
}

/** The terms of "digit, sign, digit, ...", or null where the tokens are anything else. */
export function readTerms(
  tokens: readonly number[],
  signs: { readonly plus: number; readonly minus: number },
): Term[] | null {
  if (tokens.length % 2 === 0) return null;
  const terms: Term[] = [];
  for (let i = 0; i < tokens.length; i += 2) {
    const digit = tokens[i];
    const sign = i === 0 ? signs.plus : tokens[i - 1];
    if (!Number.isInteger(digit) || digit < 0 || digit > 9) return null;
    if (sign !== signs.plus && sign !== signs.minus) return null;
    terms.push({ sign: sign === signs.plus ? 1 : -1, digit });
  }
  return terms;
}
