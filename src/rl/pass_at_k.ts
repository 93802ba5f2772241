/**
 * Unbiased estimate of pass@k from n responses of which c are correct: 1 - C(n-c, k) / C(n, k).
 * Source: Chen et al. 2021, Codex (arXiv:2107.03374) eq. 1, in its product form, which does not overflow.
 */
export function passAtK(n: number, correct: number, k: number): number {
  if (!(Number.isInteger(k) && k >= 1 && k <= n))
    throw new RangeError(`pass@${k} needs at least ${k} responses; got ${n}`);
  if (!(correct >= 0 && correct <= n)) throw new RangeError(`${correct} correct of ${n} responses`);
  if (n - correct < k) return 1;
  let allWrong = 1;
  for (let i = n - correct + 1; i <= n; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}

/** Mean pass@k over prompts with n responses each; `correct` holds the number correct per prompt. */
export function meanPassAtK(n: number, correct: readonly number[], k: number): number {
  return correct.reduce((sum, c) => sum + passAtK(n, c, k), 0) / correct.length;
}
