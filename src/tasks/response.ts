/** A response up to its first end token: what the policy wrote, and whether it said that it was done. */
export interface ReadResponse {
  readonly body: readonly number[];
  readonly ended: boolean;
}

/** Splits a response at the first end token; what follows it is padding. */
export function readResponse(response: readonly number[], eos: number): ReadResponse {
  const end = response.indexOf(eos);
  return end < 0 ? { body: response, ended: false } : { body: response.slice(0, end), ended: true };
}

/** The text of a token for a sentence; an id outside the vocabulary is shown as a number. */
export function tokenText(vocabulary: readonly string[], id: number): string {
  return Object.hasOwn(vocabulary, id) ? `"${vocabulary[id]}"` : `token ${id}`;
}

/** "1 token", "3 tokens". */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
