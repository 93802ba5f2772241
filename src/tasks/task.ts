/** A source of uniform random numbers in [0, 1). */
export type Random = () => number;

/** What a verifier says of one response. */
export interface Verdict {
  /** 1 for a correct response, else 0. */
  readonly reward: number;
  /** One sentence for people: why the response earned or missed its reward. */
  readonly reason: string;
}

/** How a response is drawn for people; one variant per kind of drawing, not per task. */
export type Drawing =
  | {
      readonly kind: 'maze';
      /** Cells per side; a cell is row * size + column. */
      readonly size: number;
      readonly start: number;
      readonly goal: number;
      readonly walls: readonly number[];
      /** Cells visited after the start, in order, up to the end of the response. */
      readonly path: readonly number[];
      /** Index into `path` of the first illegal move, or null. */
      readonly illegal: number | null;
      readonly finished: boolean;
    }
  | {
      readonly kind: 'chain';
      readonly digits: readonly number[];
      readonly style: 'left-to-right' | 'right-to-left' | 'direct' | 'other';
      /** The digits the response wrote, each with the value a careful solver would have written there (null: none). */
      readonly sums: readonly { readonly value: number; readonly expected: number | null }[];
      readonly answer: number | null;
      readonly target: number;
    }
  | {
      readonly kind: 'expression';
      readonly digits: readonly number[];
      readonly target: number;
      readonly text: string;
      /** Value of the expression, or null where it cannot be evaluated. */
      readonly value: number | null;
    };

/** A verifiable task. One object, one file; registered by one line in registry.ts. */
export interface Task {
  readonly name: string;
  /** Name for people, e.g. "Maze 5x5". */
  readonly title: string;
  /** One or two sentences: what the prompt is and what a correct response is. */
  readonly description: string;
  /** Text of each token id; its length is the vocabulary size V. */
  readonly vocabulary: readonly string[];
  /** Id of the token that ends a response (also used as padding after it). */
  readonly eos: number;
  /** Tokens of every prompt (fixed per task). */
  readonly promptLength: number;
  /** Most tokens of a response, the end token included. */
  readonly maxResponse: number;
  /** One random prompt: promptLength token ids. */
  prompt(random: Random): number[];
  /** Whether foreign tokens have the form of a prompt, so that what follows may be asked about them. */
  isPrompt(tokens: readonly number[]): boolean;
  /** A noisy demonstration for the base corpus: response tokens, end token included, at most maxResponse long. */
  demonstrate(prompt: readonly number[], random: Random): number[];
  /** A correct response (end token included) by a careful solver, or null when there is none. */
  solve(prompt: readonly number[], random: Random): number[] | null;
  /** Reward and reason of a response (tokens up to and including the end token; without it where it never came). */
  verify(prompt: readonly number[], response: readonly number[]): Verdict;
  /** The final answer in a canonical form for majority votes and answer statistics, or null where it has none. */
  answer(prompt: readonly number[], response: readonly number[]): string | null;
  /** The prompt and a response in the task's own form. */
  draw(prompt: readonly number[], response: readonly number[]): Drawing;
}
