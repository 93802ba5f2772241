/** How many different responses are among those to one prompt. */
export function distinct(responses: readonly (readonly number[])[]): number {
  return new Set(responses.map((tokens) => tokens.join(' '))).size;
}

/** How many different correct responses are among those to one prompt. */
export function distinctCorrect(
  responses: readonly (readonly number[])[],
  correct: readonly boolean[],
): number {
  return distinct(responses.filter((_, i) => correct[i]));
}

/**
 * maj@k for one prompt: whether the most frequent answer among k responses is correct.
 * Responses without an answer (null) do not vote; no votes count as wrong. Between answers with equally many votes
 * the result is the share of correct ones, the expected value of a fair draw.
 * Source: Wang et al. 2022, Self-consistency (arXiv:2203.11171).
 */
export function majorityCorrect(
  answers: readonly (string | null)[],
  correct: readonly boolean[],
): number {
  const votes = new Map<string, { count: number; correct: boolean }>();
  answers.forEach((answer, i) => {
    if (answer === null) return;
    const tally = votes.get(answer);
    if (tally === undefined) votes.set(answer, { count: 1, correct: correct[i] });
    else tally.count++;
  });
  const most = Math.max(0, ...Array.from(votes.values(), ({ count }) => count));
  const winners = [...votes.values()].filter(({ count }) => count === most);
  return winners.length === 0
    ? 0
    : winners.filter((winner) => winner.correct).length / winners.length;
}

/** Shannon entropy (nats) of the answers to one prompt; those without an answer are left out. Null if none has one. */
export function answerEntropy(answers: readonly (string | null)[]): number | null {
  const given = answers.filter((answer) => answer !== null);
  if (given.length === 0) return null;
  const counts = new Map<string, number>();
  for (const answer of given) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) {
    entropy -= (count / given.length) * Math.log(count / given.length);
  }
  return entropy;
}

/**
 * distinct-n of the responses to one prompt: different n-grams per n-gram, over all responses together. 1: none comes
 * twice. Null where no response is as long as n. Source: Li et al. 2016 (arXiv:1510.03055).
 */
export function distinctN(responses: readonly (readonly number[])[], n: number): number | null {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`there are no n-grams of length ${n}`);
  const all = responses.flatMap((tokens) => ngrams(tokens, n));
  return all.length === 0 ? null : new Set(all).size / all.length;
}

/** BLEU-4. */
const LONGEST_GRAM = 4;

/** What an n-gram order without a match counts as, instead of 0: method 1 of Chen and Cherry 2014. */
const UNMATCHED = 0.1;

/**
 * Self-BLEU of the responses to one prompt: mean over responses of their BLEU against all the others, 0 to 1; lower is
 * more diverse. Null of fewer than two responses. Source: Zhu et al. 2018, Texygen (arXiv:1802.01886).
 *
 * BLEU (Papineni et al. 2002) is the geometric mean of the shares of n-grams that another response has (as often as it
 * has them), times exp(1 - r/c) where the response's length c is below r, the closest length among the others. As
 * responses are short, n ends at the length of the response, and an order n > 1 without a match counts as 0.1 matches
 * where it would make the whole 0. A response that shares no token has BLEU 0, as has an empty one.
 */
export function selfBleu(responses: readonly (readonly number[])[]): number | null {
  if (responses.length < 2) return null;
  const counts = responses.map(gramCounts);
  const highest = twoHighest(counts);
  const total = responses.reduce((sum, { length }, i) => {
    const others = responses.filter((_, j) => j !== i).map((other) => other.length);
    return sum + precision(length, counts[i], highest) * brevity(length, others);
  }, 0);
  return total / responses.length;
}

/** How often each n-gram occurs; one map per order, from 1 to 4 or to the length. */
type GramCounts = readonly ReadonlyMap<string, number>[];

function gramCounts(tokens: readonly number[]): GramCounts {
  return Array.from({ length: Math.min(LONGEST_GRAM, tokens.length) }, (_, order) => {
    const counts = new Map<string, number>();
    for (const gram of ngrams(tokens, order + 1)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
    return counts;
  });
}

function ngrams(tokens: readonly number[], n: number): string[] {
  return Array.from({ length: Math.max(0, tokens.length - n + 1) }, (_, i) =>
    tokens.slice(i, i + n).join(' '),
  );
}

type Highest = ReadonlyMap<string, readonly [highest: number, second: number]>;

/**
 * The two highest counts of each n-gram in any response. They give the highest count in all but one response without
 * going through the others: the second where the one has the highest itself.
 */
function twoHighest(responses: readonly GramCounts[]): Highest {
  const result = new Map<string, readonly [number, number]>();
  for (const [gram, count] of responses.flatMap((orders) => orders.flatMap((map) => [...map]))) {
    const [highest, second] = result.get(gram) ?? [0, 0];
    result.set(gram, count > highest ? [count, highest] : [highest, Math.max(second, count)]);
  }
  return result;
}

/** Geometric mean over the orders of the share of n-grams that another response has. */
function precision(length: number, counts: GramCounts, highest: Highest): number {
  const matches = counts.map((order) =>
    [...order].reduce((sum, [gram, count]) => {
      const [most, second] = highest.get(gram) ?? [0, 0];
      return sum + Math.min(count, count === most ? second : most);
    }, 0),
  );
  if (length === 0 || matches[0] === 0) return 0;
  const logs = matches.map((matched, order) => Math.log((matched || UNMATCHED) / (length - order)));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** Penalty of a response shorter than the other of the closest length; between two as close, the shorter counts. */
function brevity(length: number, others: readonly number[]): number {
  const closest = others.reduce((best, other) => {
    const nearer = Math.abs(other - length) - Math.abs(best - length);
    return nearer < 0 || (nearer === 0 && other < best) ? other : best;
  });
  return length >= closest ? 1 : Math.exp(1 - closest / length);
}
