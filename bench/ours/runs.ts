import { STAT } from '../../src/engine/update_stats';
import type { Gpu } from '../../src/gpu/device';
import { biasCorrection, NEUTRAL, type RunSettings } from '../../src/gpu/run_settings';
import { PLANE } from '../../src/gpu/transformer/rollout_buffers';
import { estimateMemory, fittingPasses } from '../../src/gpu/transformer/buffers';
import { TransformerRuns } from '../../src/gpu/transformer/runs';
import type { RunsShape } from '../../src/gpu/transformer/shapes';
import { initialWeights } from '../../src/model/init';
import { packWeights } from '../../src/model/layout';
import type { ModelSpec } from '../../src/model/spec';
import { OBJECTIVES } from '../../src/recipe/recipe';
import { integerBelow, STREAMS, stream } from '../../src/rl/random';
import type { Trial } from '../harness/case';
import type { GenerationProblem, TrainingProblem } from '../harness/problems';

/** The engine through the methods that training uses. */

/** Every rollout row in its order, all with one prompt length and the longest response. */
function wholeRows({ runs, rows, promptLength, length }: RunsShape): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(runs * rows * 4);
  for (let i = 0; i < runs * rows; i++) all.set([i % rows, promptLength, length, 0], 4 * i);
  return all;
}

/**
 * Next-token prediction is the policy loss `reinforce` with advantage 1 on responses to prompts of one token, as base
 * policies are made (src/engine/pretrain.ts).
 */
export async function training(gpu: Gpu, problem: TrainingProblem): Promise<Trial> {
  const { spec, rows, positions, tokens, weights, adam } = problem;
  const length = positions + 1;
  const runs = await TransformerRuns.create(gpu, spec, {
    ...{ runs: 1, rows, length, promptLength: 1 },
    ...{ minibatchRows: rows, updates: 1, eos: spec.vocab_size },
  });
  runs.writeParameters('weights', 0, packWeights(runs.layout, weights));
  runs.writeRecord(PLANE.advantage, new Float32Array(rows * length).fill(1));
  runs.writePrompts(tokens, new Uint32Array(rows).fill(1));
  runs.writeRows(wholeRows(runs.shape));
  const losses: number[] = [];
  return {
    async run(times) {
      for (let n = 0; n < times; n++) {
        const step = losses.length + 1;
        runs.writeSettings([
          {
            ...NEUTRAL,
            objective: OBJECTIVES.indexOf('reinforce'),
            token_count: rows * positions,
            learning_rate: adam.learningRate,
            beta1: adam.beta1,
            beta2: adam.beta2,
            adam_eps: adam.eps,
            bias_correction1: biasCorrection(adam.beta1, step),
            bias_correction2: biasCorrection(adam.beta2, step),
          },
        ]);
        await runs.update();
        const { updates } = await runs.read({ rollouts: false });
        losses.push(updates[STAT.policyLoss] ?? NaN);
      }
    },
    outcome: () => losses,
    destroy: () => runs.destroy(),
  };
}

/** Greedy responses; the outcome is the tokens of all rows, prompt included. */
export async function generation(gpu: Gpu, problem: GenerationProblem): Promise<Trial> {
  const { spec, rows, promptLength, length, prompts, weights } = problem;
  const runs = await TransformerRuns.create(gpu, spec, {
    ...{ runs: 1, rows, length, promptLength },
    ...{ minibatchRows: rows, updates: 1, eos: spec.vocab_size },
  });
  runs.writeParameters('weights', 0, packWeights(runs.layout, weights));
  runs.writeSettings([{ ...NEUTRAL, greedy: 1 }]);
  const grid = new Uint32Array(rows * length);
  for (let b = 0; b < rows; b++)
    grid.set(prompts.subarray(b * promptLength, (b + 1) * promptLength), b * length);
  let tokens = new Uint32Array(0);
  return {
    async run(times) {
      for (let n = 0; n < times; n++) {
        runs.writePrompts(grid, new Uint32Array(rows).fill(promptLength));
        await runs.generate();
        tokens = (await runs.readRollouts()).tokens.slice();
      }
    },
    outcome: () => tokens,
    destroy: () => runs.destroy(),
  };
}

/** Sizes of a whole step: rollouts of so many runs, and one update on all of them. */
export interface StepShape {
  readonly spec: ModelSpec;
  readonly runs: number;
  readonly rows: number;
  readonly promptLength: number;
  readonly length: number;
  /** Rows of a pass; as many as fit by default. */
  readonly passRows?: number;
}

export interface StepTrial extends Trial {
  readonly generate: () => Promise<void>;
  readonly update: () => Promise<void>;
  readonly dispatches: TransformerRuns['dispatches'];
  readonly passRows: number;
  /** Held on the device, and what was foretold. */
  readonly bytes: number;
  readonly estimatedBytes: number;
  /** What would be held with the logits of a pass as a whole. */
  readonly wholeBytes: number;
}

function runsShape({ spec, runs, rows, promptLength, length, passRows }: StepShape): RunsShape {
  return {
    ...{ runs, rows, length, promptLength },
    ...{ minibatchRows: rows, updates: 1, eos: spec.vocab_size },
    ...fittingPasses(spec, rows, length),
    ...(passRows === undefined ? {} : { passRows }),
  };
}

/** Runs of a shape with weights, prompts and settings: what to time dispatches on. */
export async function openRuns(gpu: Gpu, shape: StepShape): Promise<TransformerRuns> {
  const runs = await TransformerRuns.create(gpu, shape.spec, runsShape(shape));
  for (let run = 0; run < shape.runs; run++)
    runs.writeParameters('weights', run, packWeights(runs.layout, initialWeights(shape.spec, run)));
  runs.writeRows(wholeRows(runs.shape));
  runs.writeSettings(Array.from({ length: shape.runs }, () => settings(shape, 0)));
  return runs;
}

/** A step of training without the CPU's part between rollouts and update, the verifier: advantages are made up. */
export async function rlvrStep(gpu: Gpu, shape: StepShape): Promise<StepTrial> {
  const { spec, rows, promptLength, length } = shape;
  const runs = await openRuns(gpu, shape);
  const random = stream(0, STREAMS.corpus);
  const cells = shape.runs * rows * length;
  const advantages = Float32Array.from({ length: cells }, () => 2 * random() - 1);
  const prompts = Uint32Array.from({ length: cells }, () => integerBelow(spec.vocab_size, random));
  const promptLengths = new Uint32Array(shape.runs * rows).fill(promptLength);
  const selected = wholeRows(runs.shape);
  let step = 0;
  const startGeneration = async () => {
    runs.writePrompts(prompts, promptLengths);
    runs.writeSettings(Array.from({ length: shape.runs }, () => settings(shape, step)));
    await runs.generate();
  };
  const startUpdate = async () => {
    step++;
    runs.writeRecord(PLANE.advantage, advantages);
    runs.writeRows(selected);
    runs.writeSettings(Array.from({ length: shape.runs }, () => settings(shape, step)));
    await runs.update();
  };
  return {
    async run(times) {
      for (let n = 0; n < times; n++) {
        await startGeneration();
        await runs.read({ rollouts: true }); // with the statistics of the update before
        await startUpdate();
      }
      await runs.read({ rollouts: false });
    },
    async generate() {
      await startGeneration();
      await runs.read({ rollouts: true });
    },
    async update() {
      await startUpdate();
      await runs.read({ rollouts: false });
    },
    dispatches: runs.dispatches,
    passRows: runs.passRows,
    bytes: runs.bytes,
    estimatedBytes: estimateMemory(spec, runs.shape),
    wholeBytes: estimateMemory(spec, { ...runs.shape, vocabPart: spec.vocab_size }),
    destroy: () => runs.destroy(),
  };
}

function settings({ rows, promptLength, length }: StepShape, step: number): RunSettings {
  const [beta1, beta2] = [0.9, 0.95];
  return {
    ...NEUTRAL,
    ...{ key0: step, key1: 1 },
    ...{ clip_low: 0.2, clip_high: 0.2, token_count: rows * (length - promptLength) },
    ...{ learning_rate: 1e-4, beta1, beta2, adam_eps: 1e-8, max_grad_norm: 1 },
    bias_correction1: biasCorrection(beta1, Math.max(1, step)),
    bias_correction2: biasCorrection(beta2, Math.max(1, step)),
  };
}
