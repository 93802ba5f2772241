import type { Recipe } from '../recipe/recipe';
import type { Drawing } from '../tasks/task';

/** One arm as the page names it. `id` is stable while it is renamed or recoloured. */
export interface ArmSpec {
  readonly id: string;
  readonly name: string;
  readonly recipe: Recipe;
}

/** Settings that act at the next update of a running arm, without a restart. */
export const LIVE_SETTINGS = [
  'positive_weight',
  'negative_weight',
  'clip_low',
  'clip_high',
  'dual_clip',
  'learning_rate',
  'entropy_coef',
  'kl_coef',
  'temperature',
  'max_grad_norm',
  'weight_decay',
] as const satisfies readonly (keyof Recipe)[];
export type LiveSetting = (typeof LIVE_SETTINGS)[number];

/** Page to worker. */
export type Command =
  | { readonly type: 'prepare'; readonly session: number; readonly arms: readonly ArmSpec[] }
  | { readonly type: 'run'; readonly session: number }
  | { readonly type: 'pause'; readonly session: number }
  | { readonly type: 'step'; readonly session: number }
  | {
      readonly type: 'set';
      readonly session: number;
      readonly arm: string;
      readonly setting: LiveSetting;
      readonly value: number | null;
    };

/** Facts of the adapter, for the status line and for run files. */
export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** True for a CPU rasteriser such as SwiftShader: the page then takes the smaller default. */
  readonly software: boolean;
}

/** One line of metrics: an arm at a step. Numbers only; the keys are those of metrics.jsonl. */
export interface StepMetrics {
  /** Counts from 1. */
  readonly step: number;
  readonly entropy: number;
  readonly reward: number;
  readonly clip_low_fraction: number;
  readonly clip_high_fraction: number;
  readonly grad_norm: number;
  readonly positive_weight: number;
  readonly kl: number;
  readonly approx_kl: number;
  readonly entropy_drive_positive: number;
  readonly entropy_drive_negative: number;
  readonly positive_token_fraction: number;
  readonly zero_variance_groups: number;
  readonly response_length: number;
  readonly loss: number;
  readonly ratio_max: number;
  /** Updates skipped because a gradient was not finite. */
  readonly skipped_updates: number;
  /** Updates and response tokens since step 0, for the other x axes. */
  readonly updates: number;
  readonly tokens: number;
}

/** One response as the rollout panel shows it. */
export interface RolloutView {
  readonly tokens: readonly string[];
  readonly reward: number;
  readonly advantage: number;
  readonly reason: string;
  readonly drawing: Drawing;
  /** Per response token, nats. */
  readonly entropy: readonly number[];
  readonly logprob: readonly number[];
}

/** The responses to one prompt of the last rollout batch, for one arm. */
export interface GroupView {
  readonly arm: string;
  readonly step: number;
  readonly prompt: readonly string[];
  readonly rollouts: readonly RolloutView[];
}

/** The closed list of things that go wrong, each with its own sentence in src/ui/errors.ts and src/cli/errors.ts. */
export type Failure =
  | { readonly kind: 'noWebGPU' }
  | { readonly kind: 'noAdapter' }
  | { readonly kind: 'limitTooSmall'; readonly limit: string; readonly have: number; readonly need: number }
  | { readonly kind: 'outOfMemory'; readonly bytes: number }
  | { readonly kind: 'shaderCompile'; readonly kernel: string; readonly detail: string }
  | { readonly kind: 'deviceLost'; readonly detail: string }
  | { readonly kind: 'nonfinite'; readonly arm: string; readonly step: number }
  | { readonly kind: 'badPolicy'; readonly detail: string }
  | { readonly kind: 'badRecipe'; readonly detail: string }
  | { readonly kind: 'bug'; readonly detail: string };

/** Worker to page. Every event of a session carries its number, so that late events of an old one can be dropped. */
export type Event =
  | { readonly type: 'adapter'; readonly facts: AdapterFacts }
  | { readonly type: 'preparing'; readonly session: number; readonly done: number; readonly total: number }
  | { readonly type: 'ready'; readonly session: number }
  | { readonly type: 'running'; readonly session: number }
  | { readonly type: 'paused'; readonly session: number; readonly step: number }
  | { readonly type: 'finished'; readonly session: number; readonly step: number }
  /** One entry per arm; step `step` of all arms is complete. */
  | {
      readonly type: 'metrics';
      readonly session: number;
      readonly step: number;
      readonly arms: Readonly<Record<string, StepMetrics>>;
    }
  | { readonly type: 'rollouts'; readonly session: number; readonly groups: readonly GroupView[] }
  /** A setting was taken over; it acts from the first update of `step` on. */
  | {
      readonly type: 'applied';
      readonly session: number;
      readonly arm: string;
      readonly setting: LiveSetting;
      readonly value: number | null;
      readonly step: number;
    }
  | { readonly type: 'failed'; readonly session: number; readonly failure: Failure };
