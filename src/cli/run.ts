import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from '../engine/checkpoint';
import {
  experimentRuns,
  experimentSteps,
  runExperiment,
  type ExperimentResult,
} from '../engine/experiment';
import { checkFit, type RunSpec } from '../engine/run_spec';
import type { Lockstep } from '../engine/lockstep';
import type { TrainerState } from '../engine/trainer_state';
import type { Gpu } from '../gpu/device';
import { writePolicy, type Policy } from '../model/policy';
import { armRecipes, parseExperiment, type Experiment } from '../recipe/experiment';
import type { RecipeKey } from '../recipe/recipe';
import { problemText } from '../recipe/untrusted';
import type { StepMetrics } from '../rl/metrics';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { RlvrError } from '../errors/failure';
import { openGpu } from './adapter';
import { loadPolicy, prepareFolder, readBytes, readJson, writeWhole } from './files';
import { interruption } from './interrupt';
import { readArgs, refuse, wholeNumber, type Command } from './options';
import { Progress } from './progress';

export const runCommand: Command = {
  name: 'run',
  usage: 'run EXPERIMENT.json --out DIR [--steps N] [--resume] [--adapter NAME]',
  summary: 'train every arm of an experiment at every seed',
  help: [
    'Writes DIR/metrics.jsonl (a line per arm, seed and step), DIR/evaluations.jsonl, DIR/summary.json (effect sizes',
    'with intervals), DIR/experiment.json (what was run) and DIR/policies/*.safetensors (what was trained).',
    "--steps ends the training early; schedules of lambda still count by the recipe's own steps.",
    'Ctrl-C stops after the step and keeps all of that; --resume goes on from there, bit for bit.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      out: { type: 'string' },
      steps: { type: 'string' },
      resume: { type: 'boolean' },
      adapter: { type: 'string' },
    });
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) refuse('EXPERIMENT', 'give one experiment file');
    if (!values.out) refuse('--out', 'say which folder to write to');
    const experiment = readExperiment(await readJson(path, 'EXPERIMENT'));
    const runs = experimentRuns(experiment, await loadPolicies(experiment));
    for (const { policy, recipe } of runs) checkFit(policy, taskNamed(recipe.task));
    const steps = wholeNumber('steps', values.steps, experimentSteps(runs), [1, 1_000_000]);
    const earlier = values.resume ? await readEarlier(values.out) : nothingEarlier;
    await prepareFolder(values.out, '--out');
    const gpu = await openGpu(values.adapter);
    return train(gpu, experiment, runs, steps, values.out, earlier);
  },
};

function readExperiment(value: unknown): Experiment {
  const parsed = parseExperiment(value, { names: TASK_NAMES, paths: true });
  if (parsed.ok) return parsed.value;
  throw new RlvrError({ kind: 'badRecipe', detail: problemText(parsed.problems) });
}

async function loadPolicies(experiment: Experiment): Promise<Map<string, Policy>> {
  const policies = new Map<string, Policy>();
  for (const { recipe } of armRecipes(experiment)) {
    if (policies.has(recipe.policy)) continue;
    policies.set(recipe.policy, await loadPolicy(recipe.policy, TASK_NAMES));
  }
  return policies;
}

async function train(
  gpu: Gpu,
  experiment: Experiment,
  runs: readonly RunSpec[],
  steps: number,
  out: string,
  earlier: Earlier,
): Promise<number> {
  const progress = new Progress();
  const interrupt = interruption(progress);
  const files: Partial<Record<'metrics' | 'evaluations', FileHandle>> = {};
  const latest = new Map<RunSpec, StepMetrics>();
  try {
    const result = await runExperiment(
      gpu,
      experiment,
      runs,
      steps,
      {
        ready: async (lockstep) => {
          if (earlier.states) resume(lockstep, earlier.states);
          // Only now, when nothing can be refused any more, do files of an earlier call give way.
          await rm(join(out, 'summary.json'), { force: true });
          files.metrics = await startLines(join(out, 'metrics.jsonl'), earlier.metrics);
          files.evaluations = await startLines(join(out, 'evaluations.jsonl'), earlier.evaluations);
        },
        earlier: ({ arm, recipe }) =>
          earlier.metrics.filter((step) => step.arm === arm && step.seed === recipe.seed),
        async metrics(run, step) {
          await files.metrics?.appendFile(asLine({ arm: run.arm, seed: run.recipe.seed, ...step }));
          latest.set(run, step);
          if (run === runs.at(-1)) progress.update(step.step, steps, inWords(latest));
        },
        async evaluation({ arm, recipe: { seed } }, step, evaluation) {
          await files.evaluations?.appendFile(asLine({ arm, seed, step, ...evaluation }));
        },
        stopped: () => interrupt.requested,
      },
      async (lockstep, ended) => {
        await writeResults(gpu, experiment, ended, out);
        await savePolicies(lockstep, gpu, out);
        await writeWhole(join(out, CHECKPOINT), writeCheckpoint(await lockstep.save()));
      },
    );
    progress.end();
    for (const { arm, entropy, reward } of result.summary.arms) {
      process.stdout.write(
        `${arm}: entropy ${inInterval(entropy)} nats, reward ${inInterval(reward)}\n`,
      );
    }
    if (result.diverged) throw new RlvrError(result.diverged);
    return interrupt.requested ? 130 : 0;
  } finally {
    interrupt.dispose();
    await files.metrics?.close();
    await files.evaluations?.close();
  }
}

/** experiment.json and summary.json: what was run, and what came of it. */
async function writeResults(
  gpu: Gpu,
  experiment: Experiment,
  { summary, steps, finished }: ExperimentResult,
  out: string,
): Promise<void> {
  const header = {
    name: experiment.name,
    steps,
    finished,
    adapter: gpu.facts,
    finished_at: new Date().toISOString(),
  };
  const write = (name: string, value: object) =>
    writeWhole(join(out, name), `${JSON.stringify(value, null, 2)}\n`);
  await write('experiment.json', experiment);
  await write('summary.json', { ...header, ...summary });
}

const CHECKPOINT = 'checkpoint.safetensors';
const asLine = (value: object) => `${JSON.stringify(value)}\n`;

/** What an earlier call left in the folder. */
interface Earlier {
  readonly states: readonly TrainerState[] | null;
  readonly metrics: readonly (StepMetrics & { readonly arm: string; readonly seed: number })[];
  readonly evaluations: readonly (object & { readonly step: number })[];
}

const nothingEarlier: Earlier = { states: null, metrics: [], evaluations: [] };

/** The checkpoint of a folder, with the lines up to it. */
async function readEarlier(out: string): Promise<Earlier> {
  const states = readCheckpoint(await readBytes(join(out, CHECKPOINT), '--resume'));
  const step = states[0]?.step ?? 0;
  const lines = async <T extends { readonly step: number }>(name: string) => {
    const text = new TextDecoder().decode(await readBytes(join(out, name), '--resume'));
    const all = text.split('\n').filter((line) => line !== '');
    // Our own lines: metrics.jsonl is written by this command alone.
    return all.map((line) => JSON.parse(line) as T).filter((line) => line.step <= step);
  };
  return {
    states,
    metrics: await lines<Earlier['metrics'][number]>('metrics.jsonl'),
    evaluations: await lines<Earlier['evaluations'][number]>('evaluations.jsonl'),
  };
}

/** Restores the checkpoint, unless the experiment file has changed since: then two settings would mix in one curve. */
function resume(lockstep: Lockstep, states: readonly TrainerState[]): void {
  lockstep.restore(states);
  lockstep.specs.forEach(({ arm, recipe }, index) => {
    const saved = Object.entries(lockstep.recipe(index));
    const changed = saved.find(
      ([key, value]) => JSON.stringify(recipe[key as RecipeKey]) !== JSON.stringify(value),
    );
    if (changed)
      refuse('--resume', `${changed[0]} of arm "${arm}" has changed since the checkpoint`);
  });
}

/** A file of lines that begins with those of an earlier call. */
async function startLines(path: string, earlier: readonly object[]): Promise<FileHandle> {
  await writeWhole(path, earlier.map(asLine).join(''));
  try {
    return await open(path, 'a');
  } catch (error) {
    return refuse(
      '--out',
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? ''})`,
    );
  }
}

/** Means over all runs of their last step. */
function inWords(latest: ReadonlyMap<RunSpec, StepMetrics>): string {
  const all = [...latest.values()];
  const mean = (pick: (metrics: StepMetrics) => number) =>
    all.reduce((sum, metrics) => sum + pick(metrics), 0) / all.length;
  return `entropy ${mean((m) => m.entropy).toFixed(3)} reward ${mean((m) => m.reward).toFixed(3)}`;
}

function inInterval({
  mean,
  interval,
}: {
  mean: number;
  interval: readonly [number, number] | null;
}): string {
  const range = interval ? ` [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}]` : '';
  return `${mean.toFixed(3)}${range}`;
}

async function savePolicies(lockstep: Lockstep, gpu: Gpu, out: string): Promise<void> {
  const folder = join(out, 'policies');
  await prepareFolder(folder, '--out');
  for (const [index, { arm, recipe, policy }] of lockstep.specs.entries()) {
    const name = `${arm.replace(/[^\p{L}\p{N}.]+/gu, '-')}-seed-${recipe.seed}.safetensors`;
    const made = {
      recipe,
      steps: lockstep.step,
      from: policy.made,
      adapter: gpu.facts.description,
    };
    await writeWhole(
      join(folder, name),
      writePolicy({ ...policy, weights: await lockstep.weights(index), made }),
    );
  }
}
