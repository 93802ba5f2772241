import { UPDATE_WORDS } from '../gpu/transformer/shapes';
import { STATS_WIDTH } from '../gpu/transformer/activations';
import type { Recipe } from '../recipe/recipe';
import type { StepMetrics } from '../rl/metrics';
import { saturated } from '../rl/schedule';
import type { Batch } from './batch';
import type { Controls } from './controls';
import { STAT } from './update_stats';

/** What the GPU says of one update of one run. */
export interface UpdateStats {
  /** See STAT; sums over the minibatch's response tokens. */
  readonly sums: Float32Array;
  readonly gradNorm: number;
  /** False when the gradient held a number that is not finite and the step was skipped. */
  readonly finite: boolean;
}

/** Takes the statistics of all updates of one run out of a readback. */
export function updatesOf(updates: Float32Array, runs: number, run: number): UpdateStats[] {
  const perUpdate = runs * UPDATE_WORDS;
  return Array.from({ length: updates.length / perUpdate }, (_, u) => {
    const sumsAt = u * perUpdate + run * 4 * STATS_WIDTH;
    const normAt = u * perUpdate + runs * 4 * STATS_WIDTH + 4 * run;
    const squared = updates[normAt] ?? NaN;
    return {
      sums: updates.subarray(sumsAt, sumsAt + 4 * STATS_WIDTH),
      gradNorm: Math.sqrt(squared),
      finite: Number.isFinite(squared) && updates[normAt + 1] === 0,
    };
  });
}

/** What a step knows before its updates have run. */
export interface StepStart {
  readonly step: number;
  readonly recipe: Recipe;
  readonly batch: Batch;
  readonly controls: Controls;
  /** Entropy of the first step's rollouts. */
  readonly baseEntropy: number;
  /** Totals since step 0, this step included. */
  readonly updates: number;
  readonly tokens: number;
}

/** The line of metrics of a step: its rollouts, and means over its updates. */
export function stepMetrics(start: StepStart, updates: readonly UpdateStats[]): StepMetrics {
  const { recipe, batch } = start;
  const kept = updates.filter(({ finite }) => finite);
  const total = (index: number) => kept.reduce((sum, { sums }) => sum + (sums[index] ?? 0), 0);
  const tokens = Math.max(1, total(STAT.tokens));
  const perUpdate = (value: number) => value / Math.max(1, kept.length);
  return {
    step: start.step,
    entropy: batch.entropy,
    reward: batch.reward,
    clip_low_fraction: total(STAT.clipLow) / tokens,
    clip_high_fraction: total(STAT.clipHigh) / tokens,
    grad_norm: perUpdate(kept.reduce((sum, { gradNorm }) => sum + gradNorm, 0)),
    positive_weight: start.controls.positiveWeight,
    kl: recipe.kl_coef > 0 ? total(STAT.k3) / tokens : null,
    approx_kl: total(STAT.approxKl) / tokens,
    entropy_drive_positive: perUpdate(total(STAT.drivePositive)),
    entropy_drive_negative: perUpdate(total(STAT.driveNegative)),
    positive_token_fraction: total(STAT.positive) / tokens,
    zero_variance_groups: batch.zeroVarianceGroups,
    entropy_drive_positive_likely: perUpdate(total(STAT.drivePositiveLikely)),
    entropy_drive_positive_unlikely: perUpdate(total(STAT.drivePositiveUnlikely)),
    entropy_drive_negative_likely: perUpdate(total(STAT.driveNegativeLikely)),
    entropy_drive_negative_unlikely: perUpdate(total(STAT.driveNegativeUnlikely)),
    clipped_drive_positive: perUpdate(total(STAT.removedPositive)),
    clipped_drive_negative: perUpdate(total(STAT.removedNegative)),
    positive_advantage_mass: advantageMass(batch, 1),
    negative_advantage_mass: advantageMass(batch, -1),
    kept_token_fraction: total(STAT.kept) / tokens,
    training_reward: batch.trainingReward,
    replaced_groups: batch.replacedGroups,
    entropy_coef: start.controls.entropyCoef,
    clip_low: start.controls.clip.low,
    clip_high: start.controls.clip.high,
    saturated: saturated(recipe.positive_weight_schedule, start.controls.positiveWeight, {
      entropy: batch.entropy,
      baseEntropy: start.baseEntropy,
    })
      ? 1
      : 0,
    response_length: batch.tokens / batch.responses.length,
    loss: perUpdate(
      total(STAT.policyLoss) +
        recipe.kl_coef * total(STAT.klLoss) -
        start.controls.entropyCoef * total(STAT.entropyLoss),
    ),
    ratio_max: kept.reduce((most, { sums }) => Math.max(most, sums[STAT.ratioMax] ?? 0), 0),
    skipped_updates: updates.length - kept.length,
    updates: start.updates,
    tokens: start.tokens,
  };
}

/** Mean over response tokens of |A| where A has the given sign: how hard each subset is pushed, before any weight. */
function advantageMass({ responses, tokens }: Batch, sign: 1 | -1): number {
  const mass = responses.reduce(
    (sum, { advantage, tokens: own }) => sum + Math.max(0, sign * advantage) * own.length,
    0,
  );
  return mass / tokens;
}
