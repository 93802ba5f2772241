import { UPDATE_WORDS } from '../gpu/transformer/shapes';
import { STATS_WIDTH } from '../gpu/transformer/activations';
import type { Recipe } from '../recipe/recipe';
import type { StepMetrics } from '../rl/metrics';
import type { Batch } from './batch';
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
  readonly positiveWeight: number;
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
    positive_weight: start.positiveWeight,
    kl: recipe.kl_coef > 0 ? total(STAT.k3) / tokens : null,
    approx_kl: total(STAT.approxKl) / tokens,
    entropy_drive_positive: perUpdate(total(STAT.drivePositive)),
    entropy_drive_negative: perUpdate(total(STAT.driveNegative)),
    positive_token_fraction: total(STAT.positive) / tokens,
    zero_variance_groups: batch.zeroVarianceGroups,
    response_length: batch.tokens / batch.responses.length,
    loss: perUpdate(
      total(STAT.policyLoss) +
        recipe.kl_coef * total(STAT.klLoss) -
        recipe.entropy_coef * total(STAT.entropyLoss),
    ),
    ratio_max: kept.reduce((most, { sums }) => Math.max(most, sums[STAT.ratioMax] ?? 0), 0),
    skipped_updates: updates.length - kept.length,
    updates: start.updates,
    tokens: start.tokens,
  };
}
