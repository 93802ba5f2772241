import type { PairedRatio } from './statistics';
import type { Counts } from './counting';

/** Work that can be repeated, with everything it needs on the device. */
export interface Trial {
  /** Does the work so often, and waits until the device is done. */
  readonly run: (times: number) => Promise<void>;
  /** Numbers that contestants must agree on: a product, all losses so far, the tokens last generated. */
  readonly outcome?: () => Promise<ArrayLike<number>> | ArrayLike<number>;
  readonly destroy: () => void | Promise<void>;
}

/** One way to do the work of a case. */
export interface Contestant {
  readonly name: string;
  /** Loads libraries and opens devices, outside of all times. */
  readonly open?: () => Promise<void>;
  /** Everything else up to the first run, which is timed with it as `first_ms`. */
  readonly prepare: () => Promise<Trial>;
}

/** The same work done by several contestants; the first one is ours. */
export interface Case {
  readonly name: string;
  readonly about: string;
  /** Floating-point operations of one run, where that is what it is about. */
  readonly flop?: number;
  /** Tokens of one run, likewise. */
  readonly tokens?: number;
  readonly contestants: readonly Contestant[];
  /** Runs before the clock starts, one at least; a training step is checked for so many steps. */
  readonly warmUp: number;
  /** How far an outcome may lie from ours, and how that is measured. */
  readonly agreement?: {
    readonly of: string;
    readonly within: number;
    readonly gap: (got: ArrayLike<number>, want: ArrayLike<number>) => number;
  };
  /** Only the first run is measured, each round in a process of its own. */
  readonly firstRun?: true;
}

export interface ContestantResult {
  readonly name: string;
  /** From nothing on the device to the end of the first run, pipelines included; one sample a process. */
  readonly first_ms: readonly number[];
  /** Time of one run in each round. */
  readonly samples_ms: readonly number[];
  readonly median_ms: number;
  /** What one run asks of the device; null where it was not counted. */
  readonly counts: Counts | null;
  /** Distance of the outcome from ours; null of ours, and where nothing is compared. */
  readonly difference: number | null;
}

export interface CaseResult {
  readonly name: string;
  readonly about: string;
  readonly flop: number | null;
  readonly tokens: number | null;
  readonly made: string;
  readonly rounds: number;
  /** Runs in one sample. */
  readonly repeats: number;
  readonly agreement: { readonly of: string; readonly within: number } | null;
  readonly contestants: readonly ContestantResult[];
  /** Time of another divided by ours, round by round. */
  readonly ratios: Readonly<Record<string, PairedRatio>>;
}
