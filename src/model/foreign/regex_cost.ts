/** How many ways a regular expression has to match at one place of a text of n letters: at most `ways` times n to the `degree`. */
export interface MatchingCost {
  readonly ways: number;
  readonly degree: number;
}

interface Part extends MatchingCost {
  /** Whether the same letters may be matched in several ways, or several numbers of letters. */
  readonly varies: boolean;
}

const FIXED: Part = { ways: 1, degree: 0, varies: false };

/** What cannot be bounded: a repeated choice, or a reference back. */
class Unbounded extends Error {}

const QUANTIFIER = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;
const GROUP = /\((?:\?(?:<?[=!]|<[^>]*>|[a-z-]*:))?/y;
const ESCAPE = /\\(?:[pPu]\{[^}]*\}|[^])/y;
const CLASS = /\[(?:\\[^]|[^\]\\])*\]/y;

/**
 * An upper bound on the work of matching `source`, a regular expression with the flag u (so that brackets, braces and
 * escapes mean one thing only), or null where there is none of this form. Repetition of a choice, as in (a+)+ or
 * (a|a)*, takes a time that doubles with every letter.
 */
export function matchingCost(source: string): MatchingCost | null {
  let at = 0;

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) at = pattern.lastIndex;
    return match;
  };

  const choice = (): Part => {
    const options = [sequence()];
    while (source[at] === '|') {
      at++;
      options.push(sequence());
    }
    return {
      ways: options.reduce((sum, { ways }) => sum + ways, 0),
      degree: Math.max(...options.map(({ degree }) => degree)),
      varies: options.length > 1 || options.some(({ varies }) => varies),
    };
  };

  const sequence = (): Part => {
    let all = FIXED;
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      const part = repeated(atom());
      all = {
        ways: all.ways * part.ways,
        degree: all.degree + part.degree,
        varies: all.varies || part.varies,
      };
    }
    return all;
  };

  const atom = (): Part => {
    const group = take(GROUP);
    if (group) {
      const inner = choice();
      at++; // its closing bracket
      // Nothing goes back into a look around once it has matched.
      return /[=!]$/.test(group[0]) ? { ...inner, varies: false } : inner;
    }
    const escape = take(ESCAPE);
    if (escape && /^\\[1-9k]/.test(escape[0])) throw new Unbounded();
    if (!escape && !take(CLASS)) at++;
    return FIXED;
  };

  const repeated = (part: Part): Part => {
    const quantifier = take(QUANTIFIER);
    if (!quantifier) return part;
    const [, sign, least, comma, most] = quantifier;
    if (sign === '?') return { ...part, ways: part.ways + 1, varies: true };
    if (part.varies) throw new Unbounded();
    if (comma === '') return { ...part, ways: part.ways * Math.max(1, Number(least)) };
    if (sign === undefined && most !== '') {
      return { ...part, ways: part.ways * (Number(most) + 1), varies: true };
    }
    return { ...part, degree: part.degree + 1, varies: true };
  };

  try {
    const { ways, degree } = choice();
    return at === source.length ? { ways, degree } : null;
  } catch (error) {
    if (error instanceof Unbounded) return null;
    throw error;
  }
}
