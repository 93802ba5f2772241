import * as reference from '../reference/policy_loss';
import { largest, padded, ROUNDING } from './arrays';
import type { Comparison } from './compare';
import { lossOf, STATS, twinLoss, twinSettings, type LossRun } from './policy_loss';
import { eachResponseToken, type PassShape } from './rollout_pass';
import type { Bench } from './run_kernel';
import { requireZeroPadding } from './untouched';

/** What computes a loss, and the entry points that write its gradient and its statistics. */
export interface LossKernels {
  readonly run: typeof lossOf;
  readonly gradient: string;
  readonly loss: string;
}

const WHOLE: LossKernels = { run: lossOf, gradient: 'policy_loss', loss: 'policy_loss' };

/** Every output of the loss kernel, of every run. */
export async function comparePolicyLoss(
  bench: Bench,
  shape: PassShape,
  runs: readonly LossRun[],
  kernels = WHOLE,
): Promise<Comparison[]> {
  const { d_logits, stats } = await kernels.run(bench, shape, runs);
  const count = shape.rows * shape.positions;
  const stride = padded(shape.V);
  return runs.flatMap((run, r) => {
    const dLogits = d_logits.subarray(r * count * stride, (r + 1) * count * stride);
    return compareRun(
      kernels,
      shape,
      run,
      dLogits,
      stats.subarray(r * count * STATS, (r + 1) * count * STATS),
    );
  });
}

function compareRun(
  kernels: LossKernels,
  shape: PassShape,
  run: LossRun,
  dLogits: Float32Array,
  stats: Float32Array,
): Comparison[] {
  const { V, rows, positions, length } = shape;
  const stride = padded(V);
  const settings = twinSettings(run.settings);
  const { input, result } = twinLoss(shape, run);
  // Log-probabilities of logits within 30 are good to 1e-5, entropies to 2e-6; both errors grow with
  // the logits. A ratio is as good relatively as its log-probability is absolutely.
  const growth = Math.max(1, largest(run.logits) / settings.temperature / 30);
  const logprobError = 1e-5 * growth;
  const entropyError = 2e-6 * growth;

  const wantGradient = new Float64Array(rows * positions * stride);
  const gradientTolerance = new Float64Array(rows * positions * stride);
  const want = new Float64Array(rows * positions * STATS);
  const tolerance = new Float64Array(rows * positions * STATS);
  const rowSums = new Float64Array(rows * positions);
  const rowSumTolerance = new Float64Array(rows * positions);
  const lnV = Math.log(V);
  eachResponseToken(shape, run, (b, t, n) => {
    const m = b * length + t - 1;
    const A = input.advantage[m];
    const share = input.tokenWeight[m];
    const logprob = result.logprob[m];
    const keep = input.selection?.keep[m] ?? 1;
    const penalty = input.selection?.penalty[m] ?? 0;
    const shaped =
      A +
      Math.min(
        (settings.entropyAdvantage ?? 0) * result.entropy[m],
        Math.abs(A) / (settings.entropyAdvantageBound ?? 1),
      );
    const weighted =
      shaped * (A > 0 ? settings.positiveWeight : A < 0 ? settings.negativeWeight : 0);
    const logRatio = logprob - input.oldLogprob[m];
    const ratio = result.ratio[m];
    const p = Math.exp(logprob);
    const s = reference.surrogate(
      {
        logprob,
        logRatio: Math.log(ratio),
        advantage: weighted,
        low: Math.max(0, settings.clipLow + (settings.clipLowSlope ?? 0) * p),
        high: Math.max(0, settings.clipHigh + (settings.clipHighSlope ?? 0) * p),
        penalty,
      },
      settings,
    );
    const d = input.refLogprob[m] - logprob;
    // How much the surrogate can change with its ratio, whatever branch it is on.
    const steepness = Math.abs(weighted) * (1 + ratio) + penalty;
    const slope =
      keep * (Math.abs(s.slope) + steepness) +
      settings.klCoef * (1 + Math.exp(d)) +
      Math.abs(settings.entropyCoef) * (1 + lnV);
    const scale = (share * slope) / settings.temperature;

    for (let v = 0; v < V; v++) {
      wantGradient[n * stride + v] = result.dLogits[m * V + v];
      gradientTolerance[n * stride + v] = logprobError * scale;
      rowSums[n] += dLogits[n * stride + v];
    }
    // The probabilities of a row sum to 1 but for the rounding of their common offset.
    rowSumTolerance[n] =
      (1e-6 + (4 * ROUNDING * largest(run.logits)) / settings.temperature) * scale;

    const set = (at: number, value: number, atol: number) => {
      want[n * STATS + at] = value;
      tolerance[n * STATS + at] = atol;
    };
    set(
      0,
      share * keep * s.value,
      share * logprobError * (Math.abs(s.value) + steepness * (1 + Math.abs(logprob))),
    );
    set(1, share * (Math.exp(d) - d - 1), share * logprobError * (1 + Math.exp(d)));
    set(2, share * result.entropy[m], share * (entropyError + 1e-6 * lnV));
    const bounded = Math.max(-20, Math.min(20, logRatio));
    const tokenRatio = Math.exp(bounded);
    set(3, tokenRatio - 1 - bounded, logprobError * (1 + tokenRatio));
    set(4, result.clipLowFlag[m], 0);
    set(5, result.clipHighFlag[m], 0);
    set(6, Number(A > 0), 0);
    set(7, Number(A < 0), 0);
    // dH/dz is at most p (|log p| + H) wide in every place.
    const driveError = 2 * logprobError * share * (Math.abs(s.slope) + steepness) * (1 + lnV);
    const drive = result.entropyDrive[m];
    set(8, A > 0 ? drive : 0, driveError);
    set(9, A < 0 ? drive : 0, driveError);
    set(10, 1, 0);
    set(11, Math.exp(d) - d - 1, logprobError * (1 + Math.exp(d)));
    set(12, ratio, logprobError * ratio);
    set(13, Math.abs(logRatio), logprobError);
    set(16, logprob, logprobError);
    set(17, result.entropy[m], entropyError + 1e-6 * lnV);
    set(18, ratio, logprobError * ratio);
    set(19, drive, driveError);
    // Near the border between likely and surprising f32 and f64 may differ.
    const margin = -logprob - result.entropy[m];
    const likely = Math.abs(margin) < 2 * logprobError + entropyError ? null : margin < 0;
    [A > 0 && likely, A > 0 && !likely, A < 0 && likely, A < 0 && !likely].forEach((mine, i) =>
      set(20 + i, mine ? drive : 0, driveError + (likely === null ? Math.abs(drive) : 0)),
    );
    const removed = result.removedDrive[m];
    const removedError = 3 * logprobError * share * (Math.abs(s.slope) + steepness) * (1 + lnV);
    set(24, A > 0 ? removed : 0, removedError);
    set(25, A < 0 ? removed : 0, removedError);
    set(26, keep, 1e-7);
    const entropy = stats[n * STATS + 17];
    if (!(entropy >= 0 && entropy <= lnV + 1e-6))
      throw new Error(`an entropy is ${entropy}, of ${V} words`);
  });
  requireZeroPadding(dLogits, rows * positions, V);

  // The aggregates, as the loss is reported.
  const sum = (column: number) => {
    let total = 0;
    for (let n = 0; n < rows * positions; n++) total += stats[n * STATS + column];
    return total;
  };
  const slack = (column: number) => {
    let total = 0;
    for (let n = 0; n < rows * positions; n++) total += tolerance[n * STATS + column];
    return total;
  };
  const aggregate = (output: string, column: number, want: number): Comparison => ({
    kernel: kernels.loss,
    output,
    got: [sum(column)],
    want: [want],
    tolerance: { atol: slack(column), rtol: 1e-6 },
  });
  return [
    {
      kernel: kernels.gradient,
      output: 'd_logits',
      got: dLogits,
      want: wantGradient,
      tolerance: { atol: gradientTolerance },
    },
    {
      kernel: kernels.gradient,
      output: 'd_logits, row sums',
      got: rowSums,
      want: new Float64Array(rowSums.length),
      tolerance: { atol: rowSumTolerance },
    },
    { kernel: kernels.loss, output: 'stats', got: stats, want, tolerance: { atol: tolerance } },
    aggregate('loss', 0, result.policyLoss),
    aggregate('kl', 1, result.klMean),
    aggregate('entropy', 2, result.entropyMean),
  ];
}
