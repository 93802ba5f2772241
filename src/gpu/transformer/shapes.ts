import { STATS_WIDTH } from './activations';

/** Sizes that are fixed for the life of a set of runs. */
export interface RunsShape {
  /** Runs that share every dispatch. */
  readonly runs: number;
  /** Responses of a rollout batch. */
  readonly rows: number;
  /** Positions of a rollout row: prompt and longest response. */
  readonly length: number;
  /** Shortest prompt. */
  readonly promptLength: number;
  /** Rollout rows of one update. */
  readonly minibatchRows: number;
  /** Rows that one pass of an update takes, a divisor of `minibatchRows`; all of them by default. */
  readonly passRows?: number;
  /** Tokens of the vocabulary whose logits an update holds at a time, a multiple of 16; all of them by default. */
  readonly vocabPart?: number;
  /** Most bytes of a binding of parameters; what every device allows by default. */
  readonly bindingBytes?: number;
  /** Most updates between two readbacks. */
  readonly updates: number;
  /** Token that ends a response; vocab_size or more for none. */
  readonly eos: number;
}

/** Numbers of one update of one run: the sums of policy_loss.wgsl, then (squared grad norm, non-finite, 0, 0). */
export const UPDATE_WORDS = 4 * STATS_WIDTH + 4;

/** Which parameter buffer to read or write. */
export type ParameterBuffer = 'weights' | 'grads' | 'm' | 'v';

/** Milliseconds of one dispatch. */
export interface DispatchTime {
  readonly label: string;
  readonly ms: number;
}

/** One step's numbers on the CPU. */
export interface StepReadback {
  /** (R, rows, length). */
  readonly tokens: Uint32Array;
  readonly logprob: Float32Array;
  readonly entropy: Float32Array;
  /** (updates, [R x 7 vec4f sums, R x vec4f norms]): `updatesOf` reads one run. */
  readonly updates: Float32Array;
}
