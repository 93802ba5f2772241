import type { Gpu } from '../gpu/device';
import { biasCorrection, type RunSettings } from '../gpu/run_settings';
import { PLANE } from '../gpu/transformer/rollout_buffers';
import { fittingPasses } from '../gpu/transformer/buffers';
import { TransformerRuns } from '../gpu/transformer/runs';
import { UPDATE_WORDS } from '../gpu/transformer/shapes';
import { initialWeights } from '../model/init';
import { packWeights, unpackWeights } from '../model/layout';
import type { ModelSpec, Tensor } from '../model/spec';
import { OBJECTIVES } from '../recipe/recipe';
import { integerBelow, STREAMS, stream } from '../rl/random';
import { drawPrompts } from '../tasks/prompts';
import type { Task } from '../tasks/task';
import { evaluate, generationSettings, type Evaluation } from './evaluate';
import { STAT } from './update_stats';

/** How a base policy is made: imitation of noisy demonstrations. */
export interface PretrainPlan {
  readonly model: ModelSpec;
  readonly seed: number;
  /** Demonstrations in the corpus. */
  readonly corpus: number;
  readonly batch: number;
  readonly steps: number;
  readonly learning_rate: number;
}

export interface PretrainProgress {
  readonly step: number;
  readonly steps: number;
  /** Mean negative log-likelihood of a response token, nats. */
  readonly loss: number;
}

export interface Pretrained {
  readonly weights: Map<string, Tensor>;
  readonly steps: number;
  /** (step, loss), thinned. */
  readonly lossCurve: readonly (readonly [number, number])[];
  readonly evaluation: Evaluation;
}

/** Updates between two looks at the loss: enough to hide the readback, few enough to keep the queue short. */
const LOOK_EVERY = 10;
const WARM_UP = 50;
const FINAL_SHARE = 0.05;

/** Sizes that reach the base policies of the experiments: about 84 k parameters, 21 k for the small maze. */
export function pretrainPlan(task: Task, seed: number): PretrainPlan {
  const small = task.name === 'maze-small';
  return {
    model: {
      vocab_size: task.vocabulary.length,
      hidden_size: small ? 32 : 64,
      intermediate_size: small ? 64 : 128,
      num_hidden_layers: 2,
      num_attention_heads: small ? 2 : 4,
      num_key_value_heads: small ? 2 : 4,
      max_position_embeddings: task.promptLength + task.maxResponse,
      rms_norm_eps: 1e-5,
      rope_theta: 10_000,
      tie_word_embeddings: true,
    },
    seed,
    corpus: 30_000,
    // Addition modulo 10 and walls five rows away are learned late and need the larger batch.
    batch: task.name === 'chain-sum' || task.name === 'maze' ? 128 : 64,
    steps: { 'chain-sum': 1500, countdown: 3000, maze: 2500 }[task.name] ?? 2000,
    learning_rate: 3e-3,
  };
}

interface Example {
  readonly prompt: readonly number[];
  readonly response: readonly number[];
}

function drawCorpus(task: Task, count: number, seed: number): Example[] {
  const random = stream(seed, STREAMS.corpus);
  return Array.from({ length: count }, () => {
    const prompt = task.prompt(random);
    return { prompt, response: task.demonstrate(prompt, random).slice(0, task.maxResponse) };
  });
}

/** Linear warm-up, then a cosine down to 5% of the peak. */
function learningRate({ learning_rate, steps }: PretrainPlan, step: number): number {
  const cosine = 0.5 * (1 + Math.cos((Math.PI * step) / steps));
  return (
    learning_rate * Math.min(1, (step + 1) / WARM_UP) * (FINAL_SHARE + (1 - FINAL_SHARE) * cosine)
  );
}

/**
 * Trains a base policy by imitation through the same kernels as RL: with objective `reinforce` and advantage 1 on every
 * token the policy loss is the negative log-likelihood. Stops early, with what it has, when `stopped` says so.
 */
export async function pretrain(
  gpu: Gpu,
  task: Task,
  plan: PretrainPlan,
  report: (progress: PretrainProgress) => void,
  stopped: () => boolean = () => false,
): Promise<Pretrained> {
  const length = task.promptLength + task.maxResponse;
  const runs = await TransformerRuns.create(gpu, plan.model, {
    runs: 1,
    rows: plan.batch,
    length,
    promptLength: task.promptLength,
    minibatchRows: plan.batch,
    ...fittingPasses(plan.model, plan.batch, length),
    updates: LOOK_EVERY,
    eos: task.eos,
  });
  try {
    runs.writeParameters(
      'weights',
      0,
      packWeights(runs.layout, initialWeights(plan.model, plan.seed)),
    );
    runs.writeRecord(PLANE.advantage, new Float32Array(plan.batch * length).fill(1));
    const corpus = drawCorpus(task, plan.corpus, plan.seed);
    const random = stream(plan.seed, STREAMS.minibatches);
    const lossCurve: [number, number][] = [];
    let step = 0;
    while (step < plan.steps && !stopped()) {
      const batch = Array.from(
        { length: plan.batch },
        () => corpus[integerBelow(corpus.length, random)] ?? { prompt: [], response: [] },
      );
      writeBatch(runs, task, batch);
      const tokens = batch.reduce((sum, { response }) => sum + response.length, 0);
      runs.writeSettings([imitation(plan, step, tokens)]);
      await runs.update();
      step++;
      if (step % LOOK_EVERY === 0 || step === plan.steps) {
        const { updates } = await runs.read({ rollouts: false });
        const loss = updates[updates.length - UPDATE_WORDS + STAT.policyLoss] ?? NaN;
        if (step % 50 === 0 || step === plan.steps || step === LOOK_EVERY)
          lossCurve.push([step, loss]);
        report({ step, steps: plan.steps, loss });
      }
    }
    await runs.read({ rollouts: false });
    const { heldOut } = drawPrompts(task, 1, 64, plan.seed);
    const [evaluation] = await evaluate(runs, {
      task,
      samples: 16,
      runs: [{ seed: plan.seed, temperature: 1, prompts: heldOut }],
    });
    if (!evaluation) throw new Error('an evaluation of one run gives one result');
    const weights = unpackWeights(runs.layout, await runs.readParameters('weights', 0));
    return { weights, steps: step, lossCurve, evaluation };
  } finally {
    runs.destroy();
  }
}

function imitation(plan: PretrainPlan, step: number, tokens: number): RunSettings {
  const [beta1, beta2] = [0.9, 0.98];
  return {
    ...generationSettings(plan.seed, 1),
    objective: OBJECTIVES.indexOf('reinforce'),
    token_count: tokens,
    learning_rate: learningRate(plan, step),
    beta1,
    beta2,
    adam_eps: 1e-8,
    weight_decay: 0.01,
    max_grad_norm: 1,
    bias_correction1: biasCorrection(beta1, step + 1),
    bias_correction2: biasCorrection(beta2, step + 1),
  };
}

function writeBatch(runs: TransformerRuns, task: Task, batch: readonly Example[]): void {
  const { length } = runs.shape;
  const grid = new Uint32Array(batch.length * length).fill(task.eos);
  const rows = new Uint32Array(batch.length * 4);
  batch.forEach(({ prompt, response }, b) => {
    grid.set(prompt, b * length);
    grid.set(response, b * length + task.promptLength);
    rows.set([b, task.promptLength, task.promptLength + response.length, 0], 4 * b);
  });
  runs.writePrompts(grid, new Uint32Array(batch.length).fill(task.promptLength));
  runs.writeRows(rows);
}
