import type { AdapterFacts } from '../recipe/adapter_facts';
import { quoted, readObject, textProblem, type Problem } from '../recipe/untrusted';
import { messages } from './plain';

/** What run files and records both say of the machine and the program that made them, as strangers may have written it. */

const LONGEST_BROWSER = 400;
const LONGEST_ADAPTER = 200;
const SHA_256 = /^[0-9a-f]{64}$/;

/** `where` is the adapter's place in the file; `key` is what the problems are listed under. */
export function adapterProblems(where: string, key: string, value: unknown): Problem[] {
  const texts = ['vendor', 'architecture', 'description'] as const;
  const keys: readonly (keyof AdapterFacts)[] = [...texts, 'software'];
  const read = readObject(value, keys, where);
  if (!read.ok) return [...read.problems];
  return messages(key, [
    ...texts.map((text) => emptyOrText(`${where}.${text}`, LONGEST_ADAPTER, read.value.get(text))),
    truthProblem(`${where}.software`, read.value.get('software')),
  ]);
}

export function browserProblem(where: string, value: unknown): string | null {
  return emptyOrText(where, LONGEST_BROWSER, value);
}

/** Null where the value is a SHA-256, or null as where none is known; else the sentence that says so. */
export function shadersProblem(where: string, value: unknown): string | null {
  if (value === null || (typeof value === 'string' && SHA_256.test(value))) return null;
  return `${where} must be null or 64 hexadecimal digits; got ${quoted(value)}`;
}

export function truthProblem(where: string, value: unknown): string | null {
  return typeof value === 'boolean' ? null : `${where} must be true or false; got ${quoted(value)}`;
}

/** Browsers leave out what would identify a computer. */
function emptyOrText(where: string, longest: number, value: unknown): string | null {
  return value === '' ? null : textProblem(where, longest, value);
}
