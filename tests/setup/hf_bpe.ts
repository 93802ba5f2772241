import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A small Llama of a vocabulary of its own, in bf16 and three files: written by tools/hf_fixture.py. */
export const bpeFolderPath = fileURLToPath(new URL('../fixtures/hf/bpe/', import.meta.url));

/** Its files by name. */
export function bpeFolder(): Map<string, Uint8Array> {
  const names = readdirSync(bpeFolderPath);
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(bpeFolderPath + name))]));
}

interface Expected {
  readonly texts: readonly {
    readonly text: string;
    /** With the begin token. */
    readonly ids: readonly number[];
    /** (V), after the last token. */
    readonly last_logits: readonly number[];
  }[];
}

/** What transformers makes of it. */
export const bpeExpected = (): Expected =>
  JSON.parse(readFileSync(`${bpeFolderPath}expected.json`, 'utf8')) as Expected;
