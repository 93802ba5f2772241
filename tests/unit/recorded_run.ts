import { parseExperiment, type Experiment } from '../../src/recipe/experiment';
import type { MeasureKind } from '../../src/recipe/measure';
import { entropyAtReward, lastQuarter, summariseRuns } from '../../src/rl/summary';
import { recordOf, type RunLines, type RunRecord } from '../../src/storage/record';

/** A small experiment as if it had been run: entropy falls on a line whose slope depends on the arm and the seed. */
export function recordedRun(changes: object = {}, steps = 8, finished = true): RunRecord {
  const experiment = experimentOf({ base: { steps }, ...changes });
  const lines: { [K in keyof RunLines]: RunLines[K][number][] } = {
    metrics: [],
    evaluations: [],
    measures: [],
    rollouts: [],
  };
  const runs = experiment.arms.flatMap(({ name: arm }, place) =>
    experiment.seeds.map((seed) => {
      const series = Array.from({ length: steps }, (_, i) => stepOf(i + 1, place, seed, steps));
      lines.metrics.push(...series.map((line) => ({ arm, seed, ...line })));
      const evaluation = {
        prompts: 64,
        samples: 16,
        entropy: 0.4 + 0.1 * place,
        pass_at_1: 0.6 - 0.02 * place + 0.001 * seed,
        pass_at_k: 0.9,
        maj_at_k: null,
        distinct_correct: 3 + place,
        ece: 0.1,
        pass_curve: [[1, 0.6]],
      };
      lines.evaluations.push(...[0, steps].map((step) => ({ arm, seed, step, ...evaluation })));
      if (seed === experiment.seeds[0]) lines.rollouts.push({ arm, seed, ...ROLLOUTS });
      for (const step of experiment.measure?.at ?? []) {
        for (const kind of experiment.measure?.kinds ?? []) {
          lines.measures.push({ ...{ arm, seed, step, kind }, ...MEASURED[kind](seed) });
        }
      }
      const [entropy, reward] = [series.map((s) => s.entropy), series.map((s) => s.reward)];
      return {
        ...{ arm, seed, evaluation, evaluation_training: null },
        entropy: lastQuarter(entropy),
        reward: lastQuarter(reward),
        entropy_at_reward: entropyAtReward(entropy, reward),
      };
    }),
  );
  return recordOf(experiment, lines, summariseRuns(runs), {
    adapter: { vendor: '', architecture: '', description: 'a test', software: true },
    browser: 'a browser',
    shaders: '0123456789abcdef'.repeat(4),
    version: '0.1.0',
    finished_at: '2026-11-21T05:00:00.000Z',
    steps,
    finished,
  });
}

const ROLLOUTS = {
  step: 1,
  prompt: [3, 4, 5, 6, 10],
  responses: [
    { tokens: [5, 6], entropy: [0.123456, 0.5] },
    { tokens: [7], entropy: [0] },
  ],
};

export const ABOUT = {
  question: 'Does less weight keep more entropy?',
  prediction: 'It does.',
  look_at: 'The | curves <b>.',
  paper: null,
  claims: [
    {
      ...{ says: 'Less weight keeps more entropy.', by: 'paper', measure: 'entropy' },
      ...{ higher: 'λ 0.5', lower: 'GRPO' },
    },
    {
      ...{ says: 'It costs nothing.', by: 'reference', measure: 'evaluation.pass_at_1' },
      ...{ higher: 'λ 0.5', lower: 'GRPO' },
    },
  ],
};

/** Measurements as the engine makes them, shortened. */
const MEASURED: Readonly<Record<MeasureKind, (seed: number) => object>> = {
  drive: (seed) => ({
    ...{ reward: 0.25, entropy: 0.9, drive_positive: -0.02 - 0.001 * seed, drive_negative: -0.011 },
    ...{ predicted_ratio: 3, slope_positive: -0.05, slope_negative: -0.02, cosine: 0.9 },
  }),
  probe: () => ({ entropy: 0.9, predicted: [-0.01, -0.02], measured: [-0.01, -0.015] }),
  // The second bin is empty at seed 1, and then it is not there.
  identity: (seed) => ({
    ...{ prompts: 8, samples: 4 },
    bins: [0, 0.3, 0.6].slice(0, seed === 1 ? 1 : 3).map((from) => ({
      ...{ from, to: from + 0.3, prompts: 2, success: from + 0.1, predicted: 2 },
      ...{ drive_positive: -0.02 * seed, drive_negative: -0.01, ratio: 2 * seed },
      interval: [1, 2.5],
    })),
  }),
  'clip-trace': () => ({
    batches: 4,
    with_lower_clip: [-0.02, -0.01, 0.012].map((drive, update) => clipPoint(drive, update)),
    without_lower_clip: [-0.02, -0.021, -0.022].map((drive, update) => clipPoint(drive, update)),
  }),
  ratios: () => ({
    ...{ updates_before: 4, lowest: 0.8, highest: 1.2, edges: [0.5, 0.8, 1.2] },
    ...{ positive: [1, 6, 3], negative: [2, 8, 0] },
  }),
  contributions: () => ({
    entropy: 0.9,
    change: { whole: -0.04, no_positives: -0.01, flipped_positives: 0.05 },
    contribution: { positive: -0.03, negative: -0.012, clipping: 0.01, staleness: -0.005 },
  }),
};

function clipPoint(drive_negative: number, update: number) {
  return {
    ...{ update, drive_positive: -0.02, drive_negative, clip_low_fraction: 0.1 * update },
    ...{ probability_negative_kept: 0.5, probability_negative_clipped: update > 0 ? 0.2 : null },
    ...{ probability_positive_kept: 0.6, probability_positive_clipped: null },
  };
}

function experimentOf(changes: object): Experiment {
  const parsed = parseExperiment({
    name: 'A small one',
    about: ABOUT,
    arms: [
      { name: 'GRPO', set: {} },
      { name: 'λ 0.5', set: { positive_weight: 0.5 } },
    ],
    seeds: [1, 2, 3],
    ...changes,
  });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.value;
}

function stepOf(step: number, place: number, seed: number, steps: number) {
  const share = step / steps;
  return {
    step,
    entropy: 1 - share * (0.9 - 0.1 * place) + 0.0001234567 * seed,
    reward: 0.2 + 0.6 * share,
    clip_low_fraction: 0.01 * share,
    clip_high_fraction: 0,
    grad_norm: 1,
    positive_weight: 1 - 0.5 * place,
    kl: null,
    approx_kl: 0.02 * share,
    entropy_drive_positive: -0.01,
    entropy_drive_negative: -0.01,
    positive_token_fraction: 0.25,
    zero_variance_groups: 0,
    response_length: 5,
    loss: 0,
    ratio_max: 1,
    skipped_updates: 0,
    updates: 8 * step,
    tokens: 640 * step,
  };
}
