import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { basePolicy } from '../setup/hf_logits';
import { bpeFolderPath } from '../setup/hf_bpe';
import { commandLine, root } from '../setup/command_line';

const folder = mkdtempSync(join(tmpdir(), 'rlvr-policies-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rlvr = commandLine(folder);

const FILES = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
];

test('a base policy goes out as a folder, and comes back as what it was', async () => {
  const { code, stdout } = await rlvr('export', 'maze-small', '--to', 'hf', '--out', 'maze');
  expect([code, stdout]).toEqual([0, 'maze\n']);
  expect(readdirSync(join(folder, 'maze')).sort()).toEqual(FILES);
  const { stdout: facts } = await rlvr('inspect', './maze', '--json');
  const read = JSON.parse(facts) as { config: object; tasks: { task: string; bytes: number }[] };
  expect(read.config).toEqual(basePolicy('maze-small').spec);
  expect(read.tasks.filter(({ bytes }) => bytes > 0).map(({ task }) => task)).toEqual([
    'maze-small',
  ]);
  const judge = (policy: string) =>
    rlvr('evaluate', policy, 'maze-small', '--prompts', '4', '--samples', '4', '--json');
  expect((await judge('./maze')).stdout).toBe((await judge('maze-small')).stdout);
});

test('a policy of another vocabulary is trained in its own tokens, and leaves with its own tokenizer', async () => {
  const experiment = join(folder, 'experiment.json');
  const base = {
    task: 'chain-sum',
    prompts_per_step: 2,
    group_size: 4,
    minibatches: 1,
    train_prompts: 8,
    steps: 2,
    // Rewards of its random tokens are all 0; so that there is something to learn.
    entropy_coef: 0.1,
  };
  const evaluate = { every: 0, prompts: 2, samples: 2 };
  writeFileSync(experiment, JSON.stringify({ version: 1, name: 'x', base, evaluate }));
  const run = await rlvr('run', experiment, '--policy', bpeFolderPath, '--out', 'trained');
  expect(run.stderr).toContain('2/2');
  expect(run.code).toBe(0);
  const trained = join(folder, 'trained/policies/base-seed-0');
  expect(readdirSync(trained).sort()).toEqual(FILES);
  const bytes = (path: string) => readFileSync(path);
  expect(bytes(join(trained, 'tokenizer.json'))).toEqual(bytes(`${bpeFolderPath}tokenizer.json`));
  // Trained, and in f32 where it came in bf16.
  await rlvr('export', bpeFolderPath, '--to', 'hf', '--out', 'untrained');
  const untrained = bytes(join(folder, 'untrained/model.safetensors'));
  const after = bytes(join(trained, 'model.safetensors'));
  expect(after.length).toBe(untrained.length);
  expect(after.equals(untrained)).toBe(false);
  const { stdout } = await rlvr('export', 'trained', '--to', 'hf', '--out', 'out');
  expect(stdout).toBe(`${join('out', 'base-seed-0')}\n`);
  expect(bytes(join(folder, 'out/base-seed-0/model.safetensors')).equals(after)).toBe(true);
});

test('a policy goes on with a text in its own tokens; the same seed repeats it', async () => {
  const sample = () =>
    rlvr('sample', bpeFolderPath, '--prompt', 'the answer is', '--tokens', '6', '--samples', '3');
  const [first, again] = [await sample(), await sample()];
  expect(first.stdout.trim().split('\n')).toHaveLength(3);
  expect(again.stdout).toBe(first.stdout);
  const { stdout } = await rlvr('sample', 'chain-sum', '--prompt', '1234=', '--samples', '8');
  for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^"[DLR][0-9=DLR]*"$/);
});

test.each<[string, string[], string]>([
  ['no target', ['export', 'maze', '--to', 'gguf', '--out', 'never'], 'gguf'],
  ['no source', ['export', '--to', 'hf', '--out', 'never'], 'RUN'],
  ['a source that is not there', ['export', './gone', '--to', 'hf', '--out', 'never'], 'gone'],
  ['a folder that is no policy', ['export', root, '--to', 'hf', '--out', 'never'], 'config.json'],
  ['a task it has no tokens for', ['evaluate', bpeFolderPath, 'maze'], '"a1"'],
  ['a text it has no tokens for', ['sample', 'chain-sum', '--prompt', '12x'], '"x"'],
  ['a text that fills it', ['sample', 'chain-sum', '--prompt', '1'.repeat(99)], 'no room'],
  ['no temperature', ['sample', 'maze', '--prompt', '>', '--temperature', '0'], '--temperature'],
])('%s: one sentence, exit 2, nothing written', async (_, args, named) => {
  const { code, stdout, stderr } = await rlvr(...args);
  expect(stderr).toContain(named);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect([code, stdout]).toEqual([2, '']);
  expect(existsSync(join(folder, 'never'))).toBe(false);
});
