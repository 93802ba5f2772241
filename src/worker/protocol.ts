import type { Failure } from '../errors/failure';
import type { PolicyEntry, PolicyFacts } from '../model/policy_facts';
import type { AdapterFacts } from '../recipe/adapter_facts';
import type { LiveSetting } from '../recipe/live';
import type { Measure, MeasureKind } from '../recipe/measure';
import type { LayoutTiming, ProductLayout } from '../recipe/product_layout';
import type { Recipe } from '../recipe/recipe';

import type { StepMetrics } from '../rl/metrics';
import type { Push, Pushed } from '../rl/one_softmax';
import type { Drawing } from '../tasks/task';

/** An arm at one seed, which is the recipe's. `id` is the page's; `name` is the arm's, for messages. */
export interface NamedRun {
  readonly id: string;
  readonly name: string;
  readonly recipe: Recipe;
}

interface Beginning {
  readonly of: Readonly<Record<string, string>>;
  /** What was not found out at that very step: if the plan asks for it there, it comes before the next one. */
  readonly missing: readonly Finds[];
}

/** What is found out of a run as it stands. */
export type Finds = 'evaluation' | 'measurement';

/** Where runs go on from: the bytes of a `saved` event, and the run in it that each run continues, by id. */
export interface From extends Beginning {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The same, from a step that was not saved: its runs are trained up to it again. */
export interface FromRetraced extends Beginning {
  readonly retrace: Retrace;
}

/** Where runs begin that do not begin with the base policies. */
export type Start = From | FromRetraced;

/** Training that is repeated to come to a step that was not saved. */
export interface Retrace {
  /** A save before that step; null for the base policies. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** With the settings in force at the save. */
  readonly runs: readonly NamedRun[];
  /** What was changed since; acts from the first update of `step` on. */
  readonly changes: readonly {
    readonly run: string;
    readonly setting: LiveSetting;
    readonly value: number | null;
    readonly step: number;
  }[];
  /** By run, what its steps since the save came to; they must come out the same. */
  readonly past: Readonly<
    Record<string, readonly { readonly entropy: number; readonly grad_norm: number }[]>
  >;
  readonly step: number;
}

/** When and on how many held-out prompts the runs are judged. */
export interface EvaluationPlan {
  readonly every: number;
  readonly prompts: number;
  readonly samples: number;
  /** On the training prompts as well. */
  readonly training?: boolean;
}

/** What was found of one run: keys and shapes are those of summary.json, evaluations.jsonl and measures.jsonl. */
export type Found = Readonly<Record<string, unknown>>;

/** What the page asks of policies, whatever is trained. A base policy is named as recipes name it. */
export type PolicyRequest =
  /** Read what was chosen or dropped, and keep it. */
  | {
      readonly kind: 'import';
      readonly files: readonly { readonly path: string; readonly file: Blob }[];
    }
  /** An imported policy that the browser does not keep: the page does, for as long as it is open. */
  | { readonly kind: 'hold'; readonly id: string; readonly files: ReadonlyMap<string, Blob> }
  | { readonly kind: 'facts'; readonly policy: string }
  /** While nothing trains. */
  | {
      readonly kind: 'sample';
      readonly policy: string;
      readonly prompt: string;
      readonly samples: number;
      readonly temperature: number;
      readonly seed: number;
    }
  /** A policy as a Hugging Face folder: what a run has become in a save, or as it was at the beginning. */
  | {
      readonly kind: 'zip';
      readonly policy: string;
      readonly folder: string;
      readonly trained: {
        readonly bytes: Uint8Array<ArrayBuffer>;
        readonly run: string;
        /** Name of the whole. */
        readonly of: string;
      } | null;
    };

export type PolicyAnswer =
  | {
      readonly kind: 'imported';
      readonly entry: PolicyEntry;
      /** It was here before. */
      readonly known: boolean;
      /** Why the browser does not keep it, and what the page is to hold then. */
      readonly unkept: {
        readonly failure: Failure;
        readonly files: ReadonlyMap<string, Blob>;
      } | null;
    }
  | { readonly kind: 'held' }
  | { readonly kind: 'facts'; readonly facts: PolicyFacts }
  | { readonly kind: 'sampled'; readonly texts: readonly string[] }
  | { readonly kind: 'zip'; readonly bytes: Uint8Array<ArrayBuffer> };

/** Page to worker. */
export type Command =
  | {
      readonly type: 'prepare';
      readonly session: number;
      readonly runs: readonly NamedRun[];
      /** Absent: every run begins with the base policy. */
      readonly from?: Start;
      /** Every so many steps (0: none) and at the end; absent: only when asked. */
      readonly evaluate?: EvaluationPlan;
      /** What to measure on the way, and when; absent: only when asked. */
      readonly measure?: Measure;
    }
  /** Asks for `evaluation`; while the runs train, after the step that is under way. */
  | {
      readonly type: 'evaluate';
      readonly session: number;
      readonly prompts: number;
      readonly samples: number;
    }
  /** Asks for `measurement`. While nothing trains. */
  | {
      readonly type: 'measure';
      readonly session: number;
      readonly kind: MeasureKind;
      readonly prompts: number;
      readonly samples: number;
    }
  /** Another plan of what to measure on the way; null: only when asked. */
  | { readonly type: 'plan'; readonly session: number; readonly measure: Measure | null }
  | { readonly type: 'run'; readonly session: number }
  | { readonly type: 'pause'; readonly session: number }
  | { readonly type: 'step'; readonly session: number }
  /** Asks for `saved`; the session also tells it by itself, now and then. */
  | { readonly type: 'save'; readonly session: number }
  /** Look closely at one run, at the prompt of this place in each batch; all runs show that prompt. */
  | {
      readonly type: 'watch';
      readonly session: number;
      readonly run: string;
      readonly prompt: number;
    }
  | {
      readonly type: 'set';
      readonly session: number;
      /** All of an arm, in one message: no update of one comes between. */
      readonly runs: readonly string[];
      readonly setting: LiveSetting;
      readonly value: number | null;
    }
  /** Push one token's distribution once, with the kernels of training; answered in any session, also while one trains. */
  | { readonly type: 'softmax'; readonly session: number; readonly push: Push }
  /** Answered by `policy` with the same number. */
  | {
      readonly type: 'policy';
      readonly session: number;
      readonly ask: number;
      readonly request: PolicyRequest;
    }
  /** Asks what the runs ask of the GPU; with `time` each kernel is timed, which should wait until nothing trains. */
  | { readonly type: 'kernels'; readonly session: number; readonly time: boolean }
  /** What earlier timings of layouts have found, as it was kept: told once, before anything is prepared. */
  | {
      readonly type: 'keptTimings';
      readonly session: number;
      readonly kept: Readonly<Record<string, unknown>>;
    }
  /** Time how else products can be laid out; answered by `layout`. While nothing trains, which ends it. */
  | { readonly type: 'timeLayouts'; readonly session: number }
  | { readonly type: 'stopTimingLayouts'; readonly session: number }
  /** Run a conformance case of public/cases on this device. While nothing trains. */
  | { readonly type: 'verify'; readonly session: number; readonly name: string }
  /** Compare a kernel with its float64 twin on this device: the check of this place in a list that the worker keeps. While nothing trains. */
  | { readonly type: 'checkKernel'; readonly session: number; readonly index: number };

export type { AdapterFacts };

/** The tokens of a response under the policy that drew them and under the one that the step's updates made. Per token. */
export interface TokenLook {
  /** (tokens, V) probabilities, a row per token: what it was drawn from. */
  readonly before: ArrayLike<number>;
  /** Nats per unit of step: how the token's loss pushed on its own entropy as the updates began. */
  readonly drive: ArrayLike<number>;
  /** Null where nothing was trained on the response. */
  readonly after: {
    readonly logprob: ArrayLike<number>;
    readonly entropy: ArrayLike<number>;
    readonly ratio: ArrayLike<number>;
    /** The range of the ratio and the bound it has crossed; null where the objective does not clip. */
    readonly clip: {
      readonly lowest: ArrayLike<number>;
      readonly highest: ArrayLike<number>;
      readonly side: readonly ('low' | 'high' | null)[];
    } | null;
    readonly distribution: ArrayLike<number>;
  } | null;
}

/** One response as the rollout panel shows it. */
export interface RolloutView {
  readonly tokens: readonly string[];
  /** Of an imported policy, whose tokens may share a text. */
  readonly ids?: readonly number[];
  readonly reward: number;
  readonly advantage: number;
  readonly reason: string;
  readonly drawing: Drawing;
  /** Per response token, nats. */
  readonly entropy: readonly number[];
  readonly logprob: readonly number[];
  /** Of the run that is watched, at the steps that were looked at. */
  readonly look?: TokenLook;
}

/** The responses to one prompt of the last rollout batch of one run. */
export interface GroupView {
  readonly run: string;
  readonly step: number;
  readonly prompt: readonly string[];
  readonly promptIds?: readonly number[];
  /** Which of the batch's prompts this is, from 0, where the batch is known. */
  readonly place?: { readonly prompt: number; readonly of: number };
  readonly rollouts: readonly RolloutView[];
}

/** What runs of one shape ask of the GPU. Numbers by entry point of a shader. */
export interface ShapeKernels {
  readonly arms: readonly string[];
  readonly runs: number;
  /** Updates of one step. */
  readonly updates: number;
  /** Dispatches of one rollout batch, of all passes under the base policy (for KL) in a step, and of one update. */
  readonly rollout: Readonly<Record<string, number>>;
  readonly reference: Readonly<Record<string, number>>;
  readonly update: Readonly<Record<string, number>>;
  readonly buffers: readonly { readonly name: string; readonly bytes: number }[];
}

/** Milliseconds of one step of all runs, by entry point; `wall` where the device has no timestamp-query. */
export interface KernelTimes {
  readonly clock: 'timestamp' | 'wall';
  readonly ms: Readonly<Record<string, number>>;
}

/** A conformance case as it came out here: the largest error of each expected tensor, in its tolerance's unit. */
export interface CheckedCase {
  readonly ok: boolean;
  readonly tensors: readonly {
    readonly name: string;
    readonly error: number;
    readonly tolerance: number;
  }[];
}

/** One output of a kernel against its float64 twin, over all its numbers. */
export interface CheckedOutput {
  readonly kernel: string;
  readonly output: string;
  readonly numbers: number;
  /** Largest absolute error, and what is allowed at that place. */
  readonly error: number;
  readonly allowed: number;
  /** The largest error as a share of the largest number there is. */
  readonly relative: number;
  /** The largest share of its tolerance that any number uses up: above 1 is a failure. */
  readonly share: number;
}

/** Worker to page. Every event of a session carries its number, so that late events of an old one can be dropped. */
export type Event =
  /** `shaders` is the hash of all that it compiles, as in run files. */
  | { readonly type: 'adapter'; readonly facts: AdapterFacts; readonly shaders: string }
  /** What the device computed; null where it could not. */
  | { readonly type: 'softmax'; readonly push: Push; readonly pushed: Pushed | null }
  /** One of `answer` and `failure` is null. */
  | {
      readonly type: 'policy';
      readonly ask: number;
      readonly answer: PolicyAnswer | null;
      readonly failure: Failure | null;
    }
  /** `times` where they were asked for; a failure is of the timing alone. */
  | {
      readonly type: 'kernels';
      readonly shapes: readonly ShapeKernels[];
      readonly times: KernelTimes | null;
      readonly failure: Failure | null;
    }
  /** How products are laid out in the runs that are prepared, and what is known of other layouts for them. */
  | {
      readonly type: 'layout';
      readonly inUse: ProductLayout;
      /** Null where none were timed: then `inUse` is the default of the kind of adapter. */
      readonly timing: LayoutTiming | null;
      /** Where the page may keep the timing. */
      readonly key: string;
      /** Of a timing that was asked for. */
      readonly failure: Failure | null;
    }
  /** One of `checked` and `failure` is null. */
  | {
      readonly type: 'verified';
      readonly name: string;
      readonly checked: CheckedCase | null;
      readonly failure: Failure | null;
    }
  /** One of `total` checks; `outputs` is empty where it failed before there was anything to compare. */
  | {
      readonly type: 'kernelChecked';
      readonly index: number;
      readonly total: number;
      /** Entry points. */
      readonly kernels: readonly string[];
      readonly about: string;
      readonly outputs: readonly CheckedOutput[];
      readonly failure: Failure | null;
    }
  | {
      readonly type: 'preparing';
      readonly session: number;
      /** Layouts to try, kernels to compile, or steps to train again. */
      readonly what: 'layouts' | 'kernels' | 'steps';
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'ready'; readonly session: number }
  | { readonly type: 'running'; readonly session: number }
  | { readonly type: 'paused'; readonly session: number; readonly step: number }
  | { readonly type: 'finished'; readonly session: number; readonly step: number }
  /** One entry per run that has completed step `step`. */
  | {
      readonly type: 'metrics';
      readonly session: number;
      readonly step: number;
      readonly runs: Readonly<Record<string, StepMetrics>>;
    }
  | { readonly type: 'rollouts'; readonly session: number; readonly groups: readonly GroupView[] }
  | {
      readonly type: 'evaluation';
      readonly session: number;
      readonly step: number;
      readonly runs: Readonly<Record<string, Found>>;
    }
  | {
      readonly type: 'measurement';
      readonly session: number;
      readonly step: number;
      readonly kind: MeasureKind;
      readonly runs: Readonly<Record<string, Found>>;
    }
  /** The state of all runs after `step`, whose metrics have been told: a safetensors file (engine/checkpoint.ts). */
  | {
      readonly type: 'saved';
      readonly session: number;
      readonly step: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  /** A setting was taken over; it acts from the first update of `step` on. */
  | {
      readonly type: 'applied';
      readonly session: number;
      readonly run: string;
      readonly setting: LiveSetting;
      readonly value: number | null;
      readonly step: number;
    }
  | { readonly type: 'failed'; readonly session: number; readonly failure: Failure };
