import { readFileSync } from 'node:fs';
import { armRecipes, parseExperiment, type Experiment } from '../../src/recipe/experiment';
import { runId } from '../../src/store/run_id';
import { defaultExperiment } from '../../src/recipe/presets';
import type { StepMetrics } from '../../src/rl/metrics';
import { metricsAt } from '../setup/metrics';
import { taskNamed } from '../../src/tasks/registry';
import type { Task } from '../../src/tasks/task';
import type { NamedRun, GroupView, RolloutView } from '../../src/worker/protocol';

/**
 * A run to replay without a GPU: the numbers are made up, after the shapes in the experiments' table, and the same at
 * every call. Responses are the task's own demonstrations, checked and drawn by the task.
 */
export interface Recording {
  readonly software: boolean;
  readonly metrics: readonly Readonly<Record<string, StepMetrics>>[];
  /** Groups before training, and after each step. */
  readonly groups: readonly (readonly GroupView[])[];
}

interface Shape {
  readonly end: number;
  readonly rate: number;
  readonly reward: number;
  readonly clipLow: number;
  readonly clipHigh: number;
}

/** Where entropy and reward of each arm of the default experiment go, in its order. */
const SHAPES: readonly Shape[] = [
  { end: 0.07, rate: 0.22, reward: 0.87, clipLow: 0.021, clipHigh: 0.03 },
  { end: 0.1, rate: 0.16, reward: 0.84, clipLow: 0.024, clipHigh: 0.018 },
  { end: 0.7, rate: 0.05, reward: 0.2, clipLow: 0.034, clipHigh: 0.002 },
  { end: 0.02, rate: 0.3, reward: 0.93, clipLow: 0.001, clipHigh: 0.036 },
];
const BASE_ENTROPY = 0.96;
const BASE_REWARD = 0.24;

export function record(options: {
  software?: boolean;
  steps: number;
  /** Of the catalogue; without it the default. */
  experiment?: string;
  /** That every arm is trained at; without it the experiment's first. Rollouts are those of the first. */
  seeds?: readonly number[];
  /** The first arm's rollouts are looked at closely, as those of a watched run are. */
  looks?: boolean;
}): Recording {
  const { software = false, steps, experiment, looks = false } = options;
  const chosen = experiment === undefined ? defaultExperiment(software) : fromCatalogue(experiment);
  const { seeds = [chosen.seeds[0] ?? 0] } = options;
  const armsAt = (seed: number) =>
    armRecipes(chosen).map((arm) => ({ ...arm, id: runId(arm.id, seed) }));
  const arms = armsAt(seeds[0]);
  const first = arms[0];
  if (first === undefined) throw new Error('the experiment has no arms');
  const task = taskNamed(first.recipe.task);
  const noise = generator(7);
  const at = Array.from({ length: steps }, (_, i) => i + 1);
  const metrics = at.map((step) =>
    Object.fromEntries(
      seeds.flatMap((seed) =>
        armsAt(seed).map((arm, a) => [arm.id, row(arm, SHAPES[a % SHAPES.length], step, noise)]),
      ),
    ),
  );
  const groups = [0, ...at].map((step) => {
    const prompt = task.prompt(generator(100 + step));
    return arms.map((arm, a) => {
      const shown = group(task, prompt, arm, step, generator(1000 * a + step));
      return looks && a === 0 ? lookedAt(shown, task, arm, generator(5000 + step)) : shown;
    });
  });
  return { software, metrics, groups };
}

function fromCatalogue(id: string): Experiment {
  const file = new URL(`../../public/experiments/${id}.json`, import.meta.url);
  const parsed = parseExperiment(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.ok) throw new Error(`${id}: ${parsed.problems[0]?.message}`);
  return parsed.value;
}

/** λ at a step: a guided one falls to 0 as fast as it may, and is pinned from the step after. */
function weightAt(
  { recipe }: NamedRun,
  step: number,
): Pick<StepMetrics, 'positive_weight' | 'saturated'> {
  const schedule = recipe.positive_weight_schedule;
  if (!('delta' in schedule)) return { positive_weight: recipe.positive_weight, saturated: 0 };
  const weight = Math.max(0, schedule.initial - schedule.delta * Math.max(0, step - 3));
  return { positive_weight: Number(weight.toFixed(6)), saturated: weight === 0 ? 1 : 0 };
}

function row(
  arm: NamedRun,
  shape: Shape | undefined,
  step: number,
  noise: () => number,
): StepMetrics {
  if (shape === undefined) throw new Error('an arm has no shape');
  const left = Math.exp(-shape.rate * (step - 1));
  const jitter = step === 1 ? 0 : noise() - 0.5;
  const updates = arm.recipe.minibatches * arm.recipe.epochs;
  const dip = arm.recipe.negative_weight === 0 ? 0 : 0.2;
  return metricsAt(step, {
    entropy: Math.max(0.006, shape.end + (BASE_ENTROPY - shape.end) * left + 0.06 * jitter),
    reward: clamp(shape.reward + (BASE_REWARD - shape.reward) * left + 0.08 * jitter),
    clip_low_fraction: shape.clipLow * (1 - left) * (1 + dip * jitter),
    clip_high_fraction: shape.clipHigh * (1 - 0.5 * left) * (1 + 0.6 * jitter),
    grad_norm: 0.4 + 0.6 * left,
    ...weightAt(arm, step),
    kl: null,
    approx_kl: 0.01,
    entropy_drive_positive: -0.02 * left,
    entropy_drive_positive_likely: -0.026 * left,
    entropy_drive_positive_unlikely: 0.006 * left,
    entropy_drive_negative: 0.01 * left,
    entropy_drive_negative_likely: 0.016 * left,
    entropy_drive_negative_unlikely: -0.006 * left,
    clipped_drive_positive: -0.003 * (1 - left),
    clipped_drive_negative: -0.005 * (1 - left),
    positive_advantage_mass: 0.1 + 0.3 * left,
    negative_advantage_mass: 0.12 + 0.28 * left,
    training_reward: clamp(shape.reward + (BASE_REWARD - shape.reward) * left),
    loss: 0.03 * left * Math.sin(step),
    positive_token_fraction: 0.4,
    zero_variance_groups: 1,
    response_length: 4.5,
    ratio_max: 1.8,
    updates: step * updates,
    tokens: step * 590,
  });
}

function group(
  task: Task,
  prompt: readonly number[],
  arm: NamedRun,
  step: number,
  random: () => number,
): GroupView {
  const text = (token: number) => task.vocabulary[token] ?? '?';
  const skill = arm.recipe.positive_weight === 0 ? 0.1 : Math.min(0.9, step / 20);
  const uniform = Math.log(task.vocabulary.length);
  const rollouts = Array.from({ length: arm.recipe.group_size }, (): RolloutView => {
    const solved = random() < skill ? task.solve(prompt, random) : null;
    const response = solved ?? task.demonstrate(prompt, random);
    const { reward, reason } = task.verify(prompt, response);
    const entropy = response.map(() => uniform * 0.7 * random() ** 2 * (1 - 0.8 * skill));
    return {
      tokens: response.map(text),
      reward,
      advantage: 0,
      reason,
      drawing: task.draw(prompt, response),
      entropy,
      logprob: entropy.map((nats) => -nats),
    };
  });
  const mean = rollouts.reduce((sum, { reward }) => sum + reward, 0) / rollouts.length;
  const spread = Math.sqrt(mean * (1 - mean)) + 1e-4;
  return {
    run: arm.id,
    step,
    prompt: prompt.map(text),
    place: { prompt: 0, of: arm.recipe.prompts_per_step },
    rollouts: rollouts.map((r) => ({ ...r, advantage: (r.reward - mean) / spread })),
  };
}

/** The group with distributions that agree with its log-probabilities, moved by its advantages. */
function lookedAt(
  shown: GroupView,
  task: Task,
  { recipe }: NamedRun,
  random: () => number,
): GroupView {
  const tokens = shown.rollouts.reduce((sum, rollout) => sum + rollout.tokens.length, 0);
  const rollouts = shown.rollouts.map((rollout): RolloutView => {
    const cells = rollout.tokens.map((token, t) => {
      const chosen = task.vocabulary.indexOf(token);
      const p = Math.exp(rollout.logprob[t]);
      const others = task.vocabulary.map((_, v) => (v === chosen ? 0 : random() ** 4));
      const ratio = Math.exp(0.3 * rollout.advantage * random() - 0.04 * random());
      const [before, after] = [p, Math.min(0.99, p * ratio)].map((own) =>
        spread(own, chosen, others),
      );
      const nats = entropyOf(before);
      const slope = before.reduce((sum, q) => sum + (q > 0 ? q * q * (Math.log(q) + nats) : 0), 0);
      const drive = (-rollout.advantage * (p * (Math.log(p) + nats) - slope)) / tokens;
      return {
        before,
        after,
        nats,
        drive,
        ratio: after[chosen] / p,
        logprob: Math.log(after[chosen]),
      };
    });
    const [low, high] = [1 - recipe.clip_low, 1 + recipe.clip_high];
    const side = (ratio: number) => {
      if (rollout.advantage < 0 && ratio < low) return 'low';
      return rollout.advantage > 0 && ratio > high ? 'high' : null;
    };
    const after = {
      logprob: cells.map(({ logprob }) => logprob),
      entropy: cells.map((cell) => entropyOf(cell.after)),
      ratio: cells.map(({ ratio }) => ratio),
      clip: {
        lowest: cells.map(() => low),
        highest: cells.map(() => high),
        side: cells.map(({ ratio }) => side(ratio)),
      },
      distribution: cells.flatMap((cell) => cell.after),
    };
    return {
      ...rollout,
      entropy: cells.map(({ nats }) => nats),
      look: {
        before: cells.flatMap(({ before }) => before),
        drive: cells.map(({ drive }) => drive),
        after: shown.step === 0 ? null : after,
      },
    };
  });
  return { ...shown, rollouts };
}

/** Probability `own` for one token, the rest shared among the others. */
function spread(own: number, chosen: number, others: readonly number[]): number[] {
  const total = others.reduce((sum, weight) => sum + weight, 0);
  return others.map((weight, v) => (v === chosen ? own : ((1 - own) * weight) / total));
}

function entropyOf(distribution: readonly number[]): number {
  return -distribution.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** mulberry32: small, and the same on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
