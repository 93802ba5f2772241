import type { Failure } from '../errors/failure';
import type { AdapterFacts } from '../recipe/adapter_facts';
import type { LiveSetting } from '../recipe/live';
import type { Recipe } from '../recipe/recipe';

import type { StepMetrics } from '../rl/metrics';
import type { Drawing } from '../tasks/task';

/** An arm at one seed, which is the recipe's. `id` is the page's; `name` is the arm's, for messages. */
export interface NamedRun {
  readonly id: string;
  readonly name: string;
  readonly recipe: Recipe;
}

/** Page to worker. */
export type Command =
  | { readonly type: 'prepare'; readonly session: number; readonly runs: readonly NamedRun[] }
  | { readonly type: 'run'; readonly session: number }
  | { readonly type: 'pause'; readonly session: number }
  | { readonly type: 'step'; readonly session: number }
  | {
      readonly type: 'set';
      readonly session: number;
      readonly run: string;
      readonly setting: LiveSetting;
      readonly value: number | null;
    };

export type { AdapterFacts };

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

/** The responses to one prompt of the last rollout batch of one run. */
export interface GroupView {
  readonly run: string;
  readonly step: number;
  readonly prompt: readonly string[];
  readonly rollouts: readonly RolloutView[];
}

/** Worker to page. Every event of a session carries its number, so that late events of an old one can be dropped. */
export type Event =
  | { readonly type: 'adapter'; readonly facts: AdapterFacts }
  | {
      readonly type: 'preparing';
      readonly session: number;
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
