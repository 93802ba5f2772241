import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { taskFor } from '../engine/run_spec';
import { RlvrError } from '../errors/failure';
import type { LoggedRun } from '../export/logs/logged_run';
import { csvLog, trlLog, verlLog } from '../export/logs/trainer_logs';
import { unipoLog } from '../export/logs/unipo';
import { scaleFolder, SCALE_TARGETS, type ScaleTarget } from '../export/scale/scale_folder';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { exportHuggingFace } from './export_hf';
import { prepareFolder, writeWhole } from './files';
import { readArgs, refuse, wholeNumber, type Command } from './options';
import { loadPolicy } from './policy_file';
import { readRun } from './run_source';

type Files = ReadonlyMap<string, string | Uint8Array>;

/** Logs: the name of the file, and its text. */
const LOGS = {
  unipo: ['unipo.jsonl', unipoLog],
  'trl-log': ['trainer_state.json', trlLog],
  'verl-log': ['metrics.jsonl', verlLog],
  csv: ['metrics.csv', csvLog],
} as const satisfies Record<string, readonly [string, (run: LoggedRun) => string]>;

const TARGETS = [...SCALE_TARGETS, 'hf', ...Object.keys(LOGS)];

const isScale = (target: string): target is ScaleTarget =>
  (SCALE_TARGETS as readonly string[]).includes(target);
const isLog = (target: string): target is keyof typeof LOGS => Object.hasOwn(LOGS, target);

export const exportCommand: Command = {
  name: 'export',
  usage: 'export RUN --to TARGET --out DIR [--arm NAME] [--seed N] [--policy POLICY]',
  summary: 'take a run to TRL or verl, or its policy or logs to other tools',
  help: [
    'RUN is the folder that "run" wrote, a record (record.json), or a run file that the page exported (.rlvr).',
    'Of several arms and seeds the first are taken; --arm and --seed choose others. TARGET is one of:',
    '  trl        a folder that trains with TRL: loss, launch script, data set with verifier, policy, and a README that',
    '             says which settings map exactly, approximately or not at all',
    '  verl       the same for verl',
    '  hf         the trained policies as folders that Hugging Face transformers loads (AutoModelForCausalLM,',
    '             AutoTokenizer): DIR for one policy, DIR/ARM-seed-N for each of a run. RUN may also be a .safetensors',
    '             policy or the name of a base policy',
    '  unipo      the log as JSONL in the schema of UNIPO',
    '  trl-log    the log as TRL keeps it (trainer_state.json)',
    '  verl-log   the log as verl writes it (metrics.jsonl of its file logger)',
    '  csv        the log as a table',
    'The policy is the one that the run started from; --policy takes another, such as one of DIR/policies of "run".',
    'A record keeps 120 steps of a longer run at most; the folder and the run file keep all.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      to: { type: 'string' },
      out: { type: 'string' },
      arm: { type: 'string' },
      seed: { type: 'string' },
      policy: { type: 'string' },
    });
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) refuse('RUN', 'give one run');
    const target = values.to ?? refuse('--to', `say what to: one of ${TARGETS.join(', ')}`);
    if (!TARGETS.includes(target)) refuseTarget(target);
    const out = values.out ?? refuse('--out', 'say which folder to write');
    const seed =
      values.seed === undefined ? null : wholeNumber('seed', values.seed, 0, [0, 2 ** 32 - 1]);
    if (target === 'hf') {
      for (const folder of await exportHuggingFace(path, out)) process.stdout.write(`${folder}\n`);
      return 0;
    }
    const run = await readRun(path, { arm: values.arm ?? null, seed });
    const files: Files = isScale(target)
      ? await trainingFolder(run, target, values.policy ?? run.recipe.policy)
      : logOf(run, target);
    await writeFolder(out, files);
    process.stdout.write(`${out}: ${files.size} files of ${run.arm} at seed ${run.recipe.seed}\n`);
    return 0;
  },
};

async function trainingFolder(run: LoggedRun, target: ScaleTarget, name: string): Promise<Files> {
  const policy = await loadPolicy(name, TASK_NAMES);
  if (policy.tokenizer) {
    const advice = 'export without it, and set MODEL to its folder in the launch script';
    return refuse('--policy', `${name} has a tokenizer of its own: ${advice}`);
  }
  taskFor(policy, taskNamed(run.recipe.task));
  return scaleFolder(run, policy, target);
}

function refuseTarget(target: string): never {
  return refuse('--to', `it must be one of ${TARGETS.join(', ')}; got "${target}"`);
}

function logOf(run: LoggedRun, target: string): Files {
  if (!isLog(target)) return refuseTarget(target);
  const [name, write] = LOGS[target];
  return new Map([[name, write(run)]]);
}

/** Writes a new folder whole or not at all. What is there already stays: a folder may hold a run that goes on. */
async function writeFolder(out: string, files: Files): Promise<void> {
  const target = resolve(out);
  if (await isThere(target)) refuse('--out', `${out} is there already; choose a new folder`);
  const parent = dirname(target);
  await prepareFolder(parent, '--out');
  const temporary = await mkdtemp(join(parent, `.${basename(target)}-`));
  try {
    for (const [name, content] of files) {
      const path = join(temporary, name);
      await prepareFolder(dirname(path), '--out');
      await writeWhole(path, content);
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof RlvrError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    refuse('--out', `${out} cannot be written (${code ?? 'unknown reason'})`);
  }
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
