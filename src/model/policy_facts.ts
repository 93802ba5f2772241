import type { ForeignTokens } from '../tasks/in_tokens';
import type { ModelSpec } from './spec';

/** How a policy stands to one task: bytes of GPU memory that a default run takes, or why there can be none. */
export interface TaskFit {
  readonly task: string;
  readonly bytes: number | null;
  readonly why: string | null;
}

/** What can be said of a policy before it is used (engine/policy_facts.ts finds it out). */
export interface PolicyFacts {
  readonly config: ModelSpec;
  readonly parameters: number;
  /** In words. */
  readonly tokenizer: string;
  readonly tasks: readonly TaskFit[];
}

/** A policy that was imported, as a list shows it and as recipes name it. */
export interface PolicyEntry {
  /** In recipes: `own-` and the beginning of the digest. */
  readonly id: string;
  /** For people; may be changed. */
  readonly name: string;
  /** SHA-256 of its files, in hexadecimal: what it is. */
  readonly digest: string;
  /** Of its files. */
  readonly bytes: number;
  /** ISO 8601. */
  readonly imported: string;
  /** As they were found when it was imported. */
  readonly facts: PolicyFacts;
  /** Its tokens, where they are not those of a task. */
  readonly tokens: ForeignTokens | null;
}
