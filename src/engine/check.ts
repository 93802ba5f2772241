import type { Gpu } from '../gpu/device';
import { biasCorrection, NEUTRAL, type RunSettings } from '../gpu/run_settings';
import { TransformerRuns } from '../gpu/transformer/runs';
import { UPDATE_WORDS, type RunsShape } from '../gpu/transformer/shapes';
import { PLANE } from '../gpu/transformer/rollout_buffers';
import { packWeights, unpackWeights } from '../model/layout';
import { AGGREGATIONS } from '../recipe/recipe';
import type { Case } from './case_file';
import { STAT } from './update_stats';

/** What our kernels compute for a case, by the names of its expected tensors. */
export type Actual = Map<string, Float32Array | Int32Array>;

/** Runs a case through the kernels of training: two gradients for the slopes, one update, one greedy generation. */
export async function computeCase(
  gpu: Gpu,
  subject: Case,
): Promise<{ actual: Actual; largestLogit: number }> {
  const { config, rows, length } = subject;
  const shape: RunsShape = {
    runs: 1,
    rows,
    length,
    promptLength: Math.min(...subject.promptLengths),
    minibatchRows: rows,
    updates: 1,
    eos: config.model.vocab_size,
  };
  const runs = await TransformerRuns.create(gpu, config.model, shape);
  try {
    const actual: Actual = new Map();
    const flat = packWeights(runs.layout, subject.weights);
    const settings = caseSettings(subject);
    upload(runs, subject, flat);

    const gradient = async (changes: Partial<RunSettings>) => {
      runs.writeSettings([{ ...settings, kl_coef: 0, entropy_coef: 0, ...changes }]);
      await runs.gradient();
      await runs.read({ rollouts: false });
    };
    // With both weights 0 and coefficient -1 the loss is the aggregated entropy itself.
    await gradient({ positive_weight: 0, negative_weight: 0, entropy_coef: -1 });
    runs.writeParameters('v', 0, await runs.readParameters('grads', 0));
    await gradient({ negative_weight: 0 });
    actual.set('entropy_slope_positive', scalar(-((await runs.dotWithV())[0] ?? 0)));
    await gradient({ positive_weight: 0 });
    actual.set('entropy_slope_negative', scalar(-((await runs.dotWithV())[0] ?? 0)));

    runs.writeParameters('v', 0, new Float32Array(runs.layout.total));
    runs.writeSettings([settings]);
    await runs.update();
    const { updates } = await runs.read({ rollouts: false });
    summaries(actual, updates, config);
    perToken(actual, subject, await runs.readTokenStats());
    const largestLogit = (await runs.readLogits()).reduce(
      (most, z) => Math.max(most, Math.abs(z)),
      0,
    );
    for (const [name, { data }] of unpackWeights(
      runs.layout,
      await runs.readParameters('grads', 0),
    )) {
      actual.set(`grad.${name}`, data);
    }
    for (const [name, { data }] of unpackWeights(
      runs.layout,
      await runs.readParameters('weights', 0),
    )) {
      actual.set(`updated.${name}`, data);
    }
    actual.set('greedy', await greedy(gpu, subject, flat));
    return { actual, largestLogit };
  } finally {
    runs.destroy();
  }
}

function caseSettings({ config: { loss, optimizer }, promptLengths, lengths }: Case): RunSettings {
  const tokens = lengths.reduce((sum, end, b) => sum + end - (promptLengths[b] ?? 0), 0);
  return {
    ...NEUTRAL,
    temperature: loss.temperature,
    clip_low: loss.clip_low,
    clip_high: loss.clip_high,
    dual_clip: loss.dual_clip ?? 0,
    positive_weight: loss.positive_weight,
    negative_weight: loss.negative_weight,
    entropy_coef: loss.entropy_coef,
    kl_coef: loss.kl_coef,
    aggregation: AGGREGATIONS.indexOf(loss.aggregation),
    aggregation_constant: loss.aggregation_constant ?? 1,
    token_count: tokens,
    learning_rate: optimizer.learning_rate,
    beta1: optimizer.beta1,
    beta2: optimizer.beta2,
    adam_eps: optimizer.eps,
    weight_decay: optimizer.weight_decay,
    max_grad_norm: optimizer.max_grad_norm ?? 0,
    bias_correction1: biasCorrection(optimizer.beta1, 1),
    bias_correction2: biasCorrection(optimizer.beta2, 1),
    greedy: 1,
  };
}

const scalar = (value: number) => Float32Array.of(value);

function upload(runs: TransformerRuns, subject: Case, flat: Float32Array<ArrayBuffer>): void {
  runs.writeParameters('weights', 0, flat);
  runs.writePrompts(Uint32Array.from(subject.tokens), Uint32Array.from(subject.promptLengths));
  runs.writeRecord(PLANE.logprob, Float32Array.from(subject.oldLogprob));
  runs.writeRecord(PLANE.reference, Float32Array.from(subject.refLogprob));
  runs.writeRecord(PLANE.advantage, Float32Array.from(subject.advantage));
  const rows = new Uint32Array(subject.rows * 4);
  for (let b = 0; b < subject.rows; b++) {
    rows.set([b, subject.promptLengths[b] ?? 0, subject.lengths[b] ?? 0, 0], 4 * b);
  }
  runs.writeRows(rows);
}

function summaries(actual: Actual, update: Float32Array, { loss }: Case['config']): void {
  const stat = (index: number) => update[index] ?? 0;
  const tokens = stat(STAT.tokens);
  const policy = stat(STAT.policyLoss);
  const total =
    policy + loss.kl_coef * stat(STAT.klLoss) - loss.entropy_coef * stat(STAT.entropyLoss);
  actual.set('loss', scalar(total));
  actual.set('policy_loss', scalar(policy));
  actual.set('mean_entropy', scalar(stat(STAT.entropy) / tokens));
  actual.set('grad_norm', scalar(Math.sqrt(stat(UPDATE_WORDS - 4))));
  actual.set('clip_low_fraction', scalar(stat(STAT.clipLow) / tokens));
  actual.set('clip_high_fraction', scalar(stat(STAT.clipHigh) / tokens));
  actual.set('entropy_drive_positive', scalar(stat(STAT.drivePositive)));
  actual.set('entropy_drive_negative', scalar(stat(STAT.driveNegative)));
}

/** Stats are indexed by the input position t - 1; cases by the position t of the predicted token. */
function perToken(actual: Actual, { rows, length }: Case, stats: Float32Array): void {
  const names = ['logprob', 'entropy', 'ratio'];
  names.forEach((name, column) => {
    const values = new Float32Array(rows * length);
    for (let b = 0; b < rows; b++) {
      for (let t = 1; t < length; t++) {
        values[b * length + t] = stats[(b * (length - 1) + t - 1) * 4 + column] ?? 0;
      }
    }
    actual.set(name, values);
  });
}

/** Greedy continuation of every prompt, through the cached decoder. */
async function greedy(
  gpu: Gpu,
  subject: Case,
  flat: Float32Array<ArrayBuffer>,
): Promise<Int32Array> {
  const { config, rows } = subject;
  const length = Math.max(...subject.promptLengths) + config.generate;
  const runs = await TransformerRuns.create(gpu, config.model, {
    runs: 1,
    rows,
    length,
    promptLength: Math.min(...subject.promptLengths),
    minibatchRows: rows,
    updates: 1,
    eos: config.model.vocab_size,
  });
  try {
    runs.writeParameters('weights', 0, flat);
    const prompts = new Uint32Array(rows * length);
    for (let b = 0; b < rows; b++) {
      for (let t = 0; t < (subject.promptLengths[b] ?? 0); t++) {
        prompts[b * length + t] = subject.tokens[b * subject.length + t] ?? 0;
      }
    }
    runs.writePrompts(prompts, Uint32Array.from(subject.promptLengths));
    runs.writeSettings([{ ...caseSettings(subject), temperature: 1 }]);
    await runs.generate();
    const { tokens } = await runs.read({ rollouts: true });
    const out = new Int32Array(rows * config.generate);
    for (let b = 0; b < rows; b++) {
      const from = b * length + (subject.promptLengths[b] ?? 0);
      for (let i = 0; i < config.generate; i++)
        out[b * config.generate + i] = tokens[from + i] ?? 0;
    }
    return out;
  } finally {
    runs.destroy();
  }
}
