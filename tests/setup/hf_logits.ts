import { readFileSync } from 'node:fs';
import { readPolicy, type Policy } from '../../src/model/policy';

/** What transformers made of one exported policy: written by tools/hf_logits.py. */
export interface ExpectedPolicy {
  /** SHA-256 of the text files that it was given. */
  readonly digests: Readonly<Record<string, string>>;
  readonly eos: number;
  readonly eos_text: string;
  readonly parameters: number;
  readonly prompts: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    /** (tokens, V). */
    readonly logits: readonly (readonly number[])[];
  }[];
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));

/** By the name of the base policy that was exported. */
export const expectedLogits = Object.entries(
  (
    JSON.parse(read('tests/fixtures/hf/logits.json').toString()) as {
      policies: Record<string, ExpectedPolicy>;
    }
  ).policies,
);

export const basePolicy = (name: string): Policy =>
  readPolicy(read(`public/policies/${name}.safetensors`));

/** How far our logits may be from those of transformers, both in f32. */
export const LOGITS_TOLERANCE = 1e-4;
