import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from '../engine/batch';
import { writeCheckpoint } from '../engine/checkpoint';
import {
  experimentRuns,
  experimentSteps,
  runExperiment,
  type ExperimentResult,
} from '../engine/experiment';
import { taskFor, type RunSpec } from '../engine/run_spec';
import type { Lockstep } from '../engine/lockstep';
import { SaveClock } from '../engine/save_clock';
import { isSound, type TrainerState } from '../engine/trainer_state';
import type { Gpu } from '../gpu/device';
import { SUBMIT_MS } from '../gpu/pace';
import { shaderHash } from '../gpu/shader_hash';
import { policyFolder } from '../export/hf_folder';
import { writePolicy, type Policy } from '../model/policy';
import { differingKeys } from '../recipe/difference';
import { armRecipes, type Experiment } from '../recipe/experiment';
import type { StepMetrics } from '../rl/metrics';
import { judge, verdictInWords } from '../rl/verdict';
import { otherShaders } from '../storage/other_shaders';
import { recordOf, thinned, type Made, type RecordedGroup, type RunLines } from '../storage/record';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { RlvrError } from '../errors/failure';
import { version } from '../../package.json';
import { openGpu, RUNTIME } from './adapter';
import { readExperiment, withPolicy } from './experiment_file';
import {
  CHECKPOINT,
  linesAfter,
  nothingEarlier,
  readEarlier,
  RECORD,
  type Earlier,
} from './earlier';
import { prepareFolder, writeWhole } from './files';
import { interruption } from './interrupt';
import { policyName } from './kept_policies';
import { readArgs, refuse, wholeNumber, type Command } from './options';
import { loadPolicy, writePolicyFolder } from './policy_file';
import { Progress } from './progress';

export const runCommand: Command = {
  name: 'run',
  usage: 'run EXPERIMENT.json --out DIR [--policy POLICY] [--steps N] [--resume] [--adapter NAME]',
  summary: 'train every arm of an experiment at every seed',
  help: [
    'Writes DIR/metrics.jsonl (a line per arm, seed and step), DIR/evaluations.jsonl, DIR/measures.jsonl, DIR/summary.json',
    '(effect sizes with intervals), DIR/experiment.json (what was run), DIR/record.json (all of these in one small file,',
    'for the page and for "report") and DIR/policies/*.safetensors (what was trained).',
    '--policy takes another base policy for all arms: a .safetensors file, or a Hugging Face folder of the Llama',
    'architecture whose tokenizer has a token for every text of the task; what it becomes is then such a folder as well.',
    "--steps ends the training early; schedules of lambda still count by the recipe's own steps.",
    'Ctrl-C stops after the step and keeps all of that; --resume goes on from there, bit for bit. It also goes on with a',
    'finished run whose experiment file has more steps now, and with one that was ended from outside: the state of all runs',
    'is saved every ten seconds. A device that is lost is opened once more, and the run goes on from its last save.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      out: { type: 'string' },
      policy: { type: 'string' },
      steps: { type: 'string' },
      resume: { type: 'boolean' },
      adapter: { type: 'string' },
    });
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) refuse('EXPERIMENT', 'give one experiment file');
    if (!values.out) refuse('--out', 'say which folder to write to');
    const written = await readExperiment(path, 'EXPERIMENT');
    const experiment = values.policy ? withPolicy(written, values.policy) : written;
    const runs = experimentRuns(experiment, await loadPolicies(experiment));
    for (const { policy, recipe } of runs) taskFor(policy, taskNamed(recipe.task));
    const steps = wholeNumber('steps', values.steps, experimentSteps(runs), [1, 1_000_000]);
    const earlier = values.resume ? await readEarlier(values.out) : nothingEarlier;
    await prepareFolder(values.out, '--out');
    return trainThrough(values.adapter, { experiment, runs, steps, out: values.out }, earlier);
  },
};

/** What is to be trained, and where it goes. */
interface Job {
  readonly experiment: Experiment;
  readonly runs: readonly RunSpec[];
  readonly steps: number;
  readonly out: string;
}

/** Trains; where the device is lost, once more from the last save, with smaller pieces of work. */
async function trainThrough(
  adapter: string | undefined,
  job: Job,
  earlier: Earlier,
): Promise<number> {
  let saved = earlier;
  const save = (now: Earlier) => (saved = now);
  const gpu = await openGpu(adapter);
  try {
    return await train(gpu, job, saved, save);
  } catch (error) {
    const loss = lossOf(error);
    if (loss === null) throw error;
    const other = await openGpu(adapter).catch(() => {
      throw error;
    });
    const step = saved.states?.[0]?.step ?? 0;
    const from = step === 0 ? 'from its beginning' : `from its save after step ${step}`;
    process.stderr.write(
      `The graphics processor was lost${loss.detail && ` (${loss.detail})`}. It was opened again, and the run goes on ${from}, with smaller pieces of work.\n`,
    );
    return await train({ ...other, submitMs: SUBMIT_MS / 2 }, job, saved, save).catch(
      (again: unknown) => {
        const second = lossOf(again);
        throw second === null ? again : new RlvrError({ ...second, again: true });
      },
    );
  }
}

const lossOf = (error: unknown) =>
  error instanceof RlvrError && error.failure.kind === 'deviceLost' ? error.failure : null;

async function loadPolicies(experiment: Experiment): Promise<Map<string, Policy>> {
  const policies = new Map<string, Policy>();
  for (const { recipe } of armRecipes(experiment)) {
    if (policies.has(recipe.policy)) continue;
    policies.set(recipe.policy, await loadPolicy(recipe.policy, TASK_NAMES));
  }
  return policies;
}

/** `save` is given what to go on with should the device be lost from then on. */
async function train(
  gpu: Gpu,
  { experiment, runs, steps, out }: Job,
  earlier: Earlier,
  save: (now: Earlier) => void,
): Promise<number> {
  const progress = new Progress();
  const interrupt = interruption(progress);
  const files: Partial<Record<LineFile, FileHandle>> = {};
  const latest = new Map<RunSpec, StepMetrics>();
  const lines = linesAfter(earlier);
  const here = await shaderHash();
  const others = otherShaders(earlier.shaders, here);
  if (others !== null) progress.say(others);
  const isOfOne = earlier.states === null || earlier.shaders === here;
  const made = { browser: RUNTIME, shaders: isOfOne ? here : null, adapter: gpu.facts };
  const shown = thinned(steps, SHOWN_STEPS).map((i) => i + 1);
  const clock = new SaveClock(earlier.states?.[0]?.step ?? 0, steps);
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
          const old = ['summary.json', RECORD, ...(earlier.states ? [] : [CHECKPOINT])];
          for (const name of old) await rm(join(out, name), { force: true });
          for (const name of LINE_FILES) {
            files[name] = await startLines(join(out, `${name}.jsonl`), earlier[name]);
          }
        },
        earlier: ({ arm, recipe }) =>
          earlier.metrics.filter((step) => step.arm === arm && step.seed === recipe.seed),
        earlierEvaluations: ({ arm, recipe }) =>
          earlier.evaluations.filter(
            (line) =>
              line.arm === arm &&
              line.seed === recipe.seed &&
              Reflect.get(line, 'on') === 'held-out',
          ),
        async metrics(run, step) {
          const line = { arm: run.arm, seed: run.recipe.seed, ...step };
          await files.metrics?.appendFile(asLine(line));
          lines.metrics.push(line);
          latest.set(run, step);
          if (run === runs.at(-1)) progress.update(step.step, steps, inWords(latest));
        },
        rollouts({ arm, recipe, policy }, step, batch) {
          const { seed, group_size: size } = recipe;
          // A record's tokens are those of the task, and this policy writes others.
          if (policy.tokenizer) return;
          if (seed !== experiment.seeds[0] || !shown.includes(step)) return;
          if (lines.rollouts.some((earlier) => isSameLine(earlier, { arm, seed, step }))) return;
          lines.rollouts.push({ arm, seed, ...shownGroup(batch, size, step) });
        },
        async evaluation({ arm, recipe: { seed } }, step, evaluation, on) {
          const line = { arm, seed, step, on, ...evaluation };
          // A run that is resumed at its end is judged once more, with the same result.
          if (lines.evaluations.some((earlier) => isSameLine(earlier, line))) return;
          await files.evaluations?.appendFile(asLine(line));
          lines.evaluations.push(line);
        },
        async measurement({ arm, recipe: { seed } }, measurement) {
          const line = { arm, seed, ...measurement };
          if (lines.measures.some((earlier) => isSameLine(earlier, line))) return;
          await files.measures?.appendFile(asLine(line));
          lines.measures.push(line);
        },
        keep: {
          isDue: (step) => clock.isDue(step),
          async take(lockstep) {
            const began = performance.now();
            const states = await lockstep.save();
            if (states.every((state) => state.runs.every(isSound))) {
              await writeWhole(join(out, CHECKPOINT), writeCheckpoint(states));
              save({ states, shaders: made.shaders, ...linesAfter(lines) });
            }
            clock.saved(lockstep.step, began);
          },
        },
        stopped: () => interrupt.requested,
      },
      async (lockstep, ended) => {
        await writeResults(made, experiment, ended, lines, out);
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
    for (const claim of experiment.about?.claims ?? []) {
      const verdict = verdictInWords(claim, judge(claim, result.summary));
      process.stdout.write(`${claim.by}: ${claim.says} ${claim.measure} ${verdict}\n`);
    }
    if (result.diverged) throw new RlvrError(result.diverged);
    return interrupt.requested ? 130 : 0;
  } finally {
    progress.end();
    interrupt.dispose();
    for (const file of Object.values(files)) await file.close();
  }
}

/** experiment.json, summary.json and record.json: what was run, and what came of it. */
async function writeResults(
  madeWith: Pick<Made, 'adapter' | 'browser' | 'shaders'>,
  experiment: Experiment,
  { summary, steps, finished }: ExperimentResult,
  lines: RunLines,
  out: string,
): Promise<void> {
  const finished_at = new Date().toISOString();
  const made: Made = { ...madeWith, version, finished_at, steps, finished };
  const header = { name: experiment.name, ...made };
  const write = (name: string, value: object, indent: number) =>
    writeWhole(join(out, name), `${JSON.stringify(value, null, indent)}\n`);
  await write('experiment.json', experiment, 2);
  const runs = summary.runs.map((run) => ({
    ...run,
    measures: lines.measures.filter(({ arm, seed }) => arm === run.arm && seed === run.seed),
  }));
  await write('summary.json', { ...header, ...summary, runs }, 2);
  // Means over no steps are no numbers, and there is nothing to replay.
  if (steps > 0) await write(RECORD, recordOf(experiment, lines, summary, made), 0);
}

/** Steps whose rollouts a record shows, about. */
const SHOWN_STEPS = 6;

/** The first group of a batch, as a record keeps it. */
function shownGroup({ prompts, responses }: Batch, size: number, step: number): RecordedGroup {
  return {
    step,
    prompt: prompts[0] ?? [],
    responses: responses.slice(0, size).map(({ tokens, entropy, logprob, advantage }) => ({
      tokens,
      entropy: [...entropy],
      logprob: [...logprob],
      advantage,
    })),
  };
}

const isSameLine = (a: object, b: object) =>
  ['arm', 'seed', 'step', 'on', 'kind'].every((key) => Reflect.get(a, key) === Reflect.get(b, key));
const LINE_FILES = ['metrics', 'evaluations', 'measures'] as const;
type LineFile = (typeof LINE_FILES)[number];
const asLine = (value: object) => `${JSON.stringify(value)}\n`;

/** Restores the checkpoint, unless the experiment file has changed since: then two settings would mix in one curve. */
function resume(lockstep: Lockstep, states: readonly TrainerState[]): void {
  lockstep.restore(states);
  lockstep.specs.forEach(({ arm, recipe }, index) => {
    const [changed] = differingKeys(recipe, lockstep.recipe(index));
    if (changed) refuse('--resume', `${changed} of arm "${arm}" has changed since the checkpoint`);
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
    const name = policyName(arm, recipe.seed);
    const made = {
      recipe,
      steps: lockstep.step,
      from: policy.made,
      adapter: gpu.facts.description,
    };
    const trained = { ...policy, weights: await lockstep.weights(index), made };
    // A policy that came as a Hugging Face folder leaves as one, with its own tokenizer.
    if (policy.tokenizer) await writePolicyFolder(join(folder, name), policyFolder(trained));
    else await writeWhole(join(folder, `${name}.safetensors`), writePolicy(trained));
  }
}
