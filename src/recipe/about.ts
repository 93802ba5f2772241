import { asProblems, asText } from './experiment_parts';
import { choiceProblem, quoted, readObject, resultOf, textProblem } from './untrusted';
import type { Problem, Result } from './untrusted';

/**
 * Who said it: the paper under study, the independent reference implementation this engine is held against, or nobody but
 * us, before we had run it.
 */
export const CLAIMANTS = ['paper', 'reference', 'guess'] as const;
export type Claimant = (typeof CLAIMANTS)[number];

/** A statement that an experiment can test: one quantity is higher in one arm than in another. */
export interface Claim {
  readonly says: string;
  readonly by: Claimant;
  /** Path into the summary of a pair of arms, such as "entropy" or "evaluation.pass_at_1"; see src/rl/quantity.ts. */
  readonly measure: string;
  /** Names of arms. */
  readonly higher: string;
  readonly lower: string;
}

/** What an experiment is for, in words. */
export interface About {
  readonly question: string;
  readonly prediction: string;
  readonly look_at: string;
  /** The paper's claim in our words; null where it makes none. */
  readonly paper: string | null;
  readonly sources: readonly string[];
  readonly claims: readonly Claim[];
  /** What was found and how it differs from what was expected, once it has been run; null before. */
  readonly finding: string | null;
}

export const LONGEST_TEXT = 600;
export const LONGEST_FINDING = 1500;
export const MOST_CLAIMS = 40;
export const MOST_SOURCES = 40;

const TEXTS = ['question', 'prediction', 'look_at'] as const;
const CLAIM_TEXTS = ['says', 'measure', 'higher', 'lower'] as const;

/**
 * What an experiment is for, from foreign data; null, the default, says nothing. `arms` are the names that claims may
 * use, null where the arms themselves are wrong and nobody knows.
 */
export function parseAbout(value: unknown, arms: readonly string[] | null): Result<About | null> {
  if (value === null) return { ok: true, value: null };
  const read = readObject(value, [...TEXTS, 'paper', 'sources', 'claims', 'finding'], 'about');
  if (!read.ok) return read;
  const fields = read.value;
  const paper = fields.get('paper') ?? null;
  const finding = fields.get('finding') ?? null;
  const sources = readList(fields, 'sources', MOST_SOURCES);
  const claims = readList(fields, 'claims', MOST_CLAIMS);
  const parsed = (claims.ok ? claims.value : []).map((claim, i) => parseClaim(claim, i, arms));
  const problems = [
    ...TEXTS.flatMap((key) => textProblems(`about.${key}`, fields.get(key))),
    ...(paper === null ? [] : textProblems('about.paper', paper)),
    ...(finding === null
      ? []
      : asProblems('about', textProblem('about.finding', LONGEST_FINDING, finding))),
    ...(sources.ok
      ? sources.value.flatMap((source, i) => textProblems(`about.sources[${i}]`, source))
      : sources.problems),
    ...(claims.ok ? [] : claims.problems),
    ...parsed.flatMap((claim) => (claim.ok ? [] : claim.problems)),
  ];
  return resultOf(
    {
      question: asText(fields.get('question')),
      prediction: asText(fields.get('prediction')),
      look_at: asText(fields.get('look_at')),
      paper: typeof paper === 'string' ? paper : null,
      sources: sources.ok ? sources.value.map(asText) : [],
      claims: parsed.flatMap((claim) => (claim.ok ? [claim.value] : [])),
      finding: typeof finding === 'string' ? finding : null,
    },
    problems,
  );
}

function parseClaim(value: unknown, index: number, arms: readonly string[] | null): Result<Claim> {
  const where = `about.claims[${index}]`;
  const read = readObject(value, [...CLAIM_TEXTS, 'by'], where);
  if (!read.ok) return read;
  const text = (key: (typeof CLAIM_TEXTS)[number]) => asText(read.value.get(key));
  const wrongTexts = CLAIM_TEXTS.flatMap((key) =>
    textProblems(`${where}.${key}`, read.value.get(key)),
  );
  const by = CLAIMANTS.find((claimant) => claimant === read.value.get('by'));
  const wrongArms = (['higher', 'lower'] as const).flatMap((key) =>
    arms === null || arms.includes(text(key))
      ? []
      : asProblems('about', `${where}.${key} names no arm: ${quoted(read.value.get(key))}`),
  );
  const problems = [
    ...wrongTexts,
    ...asProblems('about', choiceProblem(`${where}.by`, CLAIMANTS, read.value.get('by'))),
    ...(wrongTexts.length > 0 ? [] : wrongArms),
    ...(wrongTexts.length === 0 && text('higher') === text('lower')
      ? asProblems('about', `${where} must compare two arms; got ${quoted(text('higher'))} twice`)
      : []),
  ];
  return resultOf(
    {
      says: text('says'),
      by: by ?? 'paper',
      measure: text('measure'),
      higher: text('higher'),
      lower: text('lower'),
    },
    problems,
  );
}

function textProblems(key: string, value: unknown): Problem[] {
  return asProblems('about', textProblem(key, LONGEST_TEXT, value));
}

/** A list that may be left out, which is the empty list. */
function readList(
  fields: ReadonlyMap<string, unknown>,
  key: string,
  most: number,
): Result<readonly unknown[]> {
  const value = fields.has(key) ? fields.get(key) : [];
  if (Array.isArray(value) && value.length <= most) return { ok: true, value };
  const got = Array.isArray(value) ? String(value.length) : quoted(value);
  const message = `about.${key} must be a list of at most ${most}; got ${got}`;
  return { ok: false, problems: [{ key: 'about', message }] };
}
