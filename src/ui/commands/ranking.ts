/**
 * How well an action answers what was typed, 0 for not at all: every word must begin a word of the label or of its further
 * words. Labels count more, their beginning most. Plain, because fuzzy matching finds letters scattered over long questions.
 */
export function rank(label: string, typed: string, words: readonly string[] = []): number {
  const wanted = wordsOf(typed);
  if (wanted.length === 0) return 1;
  const own = wordsOf(label);
  const further = wordsOf(words.join(' '));
  let score = 0;
  for (const [i, word] of wanted.entries()) {
    if (own[i]?.startsWith(word)) score += 1;
    else if (own.some((one) => one.startsWith(word))) score += 0.7;
    else if (further.some((one) => one.startsWith(word))) score += 0.3;
    else return 0;
  }
  return score / wanted.length;
}

/** Letters and numbers, whatever stands between; a point stays inside a number. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:\.\p{N}+)*/gu) ?? [];
}
