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
