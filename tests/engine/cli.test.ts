import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { shaderHash } from '../../src/gpu/shader_hash';
import { readPolicy } from '../../src/model/policy';
import { parseSafetensors } from '../../src/model/safetensors';
import type { RunRecord } from '../../src/storage/record';
import { commandLine, root } from '../setup/command_line';

const cases = join(root, 'tests/fixtures/cases');
const folder = mkdtempSync(join(tmpdir(), 'rlvr-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rlvr = commandLine(folder);

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const smallest = {
  version: 1,
  name: 'smallest',
  base: {
    task: 'maze-small',
    prompts_per_step: 2,
    group_size: 4,
    minibatches: 1,
    epochs: 1,
    train_prompts: 16,
    steps: 2,
  },
  arms: [
    { name: 'GRPO', set: {} },
    { name: 'λ 0.5', set: { positive_weight: 0.5 } },
  ],
  seeds: [0, 1],
  evaluate: { every: 1, prompts: 2, samples: 4 },
};

describe('bad input: one sentence that names the field or the file, exit 2, nothing written', () => {
  const truncated = readFileSync(join(cases, 'grpo.safetensors')).subarray(0, 5000);
  const lying = Buffer.from(truncated);
  lying.writeBigUInt64LE(2n ** 60n);
  const experiment = (changes: object, base: object = {}) =>
    JSON.stringify({ ...smallest, base: { ...smallest.base, ...base }, ...changes });
  const run = (name: string, text: string) => [
    'run',
    file(name, text),
    '--out',
    join(folder, 'never'),
  ];

  test.each<[string, string[], string]>([
    ['unknown key', run('key.json', experiment({}, { clip_hgih: 0.2 })), 'clip_hgih'],
    ['NaN', run('nan.json', experiment({}).replace('"steps":2', '"steps":NaN')), 'nan.json'],
    [
      'a number as text',
      run('text.json', experiment({}, { learning_rate: 'NaN' })),
      'learning_rate',
    ],
    ['out of range', run('range.json', experiment({}, { clip_low: 7 })), 'clip_low'],
    ['unknown task', run('task.json', experiment({}, { task: 'chess' })), 'chess'],
    ['unknown policy', run('policy.json', experiment({}, { policy: 'gpt-9' })), 'gpt-9'],
    [
      'a policy that does not fit',
      run(
        'fit.json',
        experiment(
          {},
          { policy: join(root, 'public/policies/maze-small.safetensors'), task: 'chain-sum' },
        ),
      ),
      'vocabulary',
    ],
    [
      'minibatches that do not divide',
      run('divide.json', experiment({}, { minibatches: 3 })),
      'minibatches',
    ],
    [
      'prototype pollution',
      run('proto.json', experiment({}).replace('"base":{', '"base":{"__proto__":{"x":1},')),
      '__proto__',
    ],
    [
      'a wrong arm',
      run('arm.json', experiment({ arms: [{ name: 'A', set: { group_size: 1 } }] })),
      'group_size',
    ],
    ['a missing file', ['run', 'nowhere.json', '--out', join(folder, 'never')], 'nowhere.json'],
    [
      'an unwritable folder',
      ['run', file('fine.json', experiment({})), '--out', '/proc/rlvr'],
      '/proc/rlvr',
    ],
    ['no folder', ['run', file('fine2.json', experiment({}))], '--out'],
    [
      'a truncated case',
      ['check', file('truncated.safetensors', truncated)],
      'truncated.safetensors',
    ],
    ['a lying header', ['check', file('lying.safetensors', lying)], 'lying.safetensors'],
    ['no case at all', ['check'], 'CASE'],
    ['an unknown option', ['bench', '--fast'], '--fast'],
    ['an unknown command', ['trian'], 'trian'],
    ['a wrong number', ['pretrain', 'maze', '--out', 'x', '--steps', '1e99'], '--steps'],
    ['pretrain of no task', ['pretrain', 'chess', '--out', 'x.safetensors'], 'chess'],
    ['evaluate of no file', ['evaluate', 'nowhere.safetensors', 'maze'], 'nowhere.safetensors'],
    ['evaluate of another vocabulary', ['evaluate', 'maze-small', 'maze'], 'vocabulary'],
  ])('%s', async (_, args, named) => {
    const before = readdirSync(folder).sort();
    const { code, stdout, stderr } = await rlvr(...args);
    expect(stderr).toContain(named);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

test('every command has --help', async () => {
  const { stdout, code } = await rlvr('--help');
  expect(code).toBe(0);
  for (const name of ['run', 'check', 'pretrain', 'evaluate', 'bench', 'methods', 'adapters']) {
    expect(stdout).toContain(`  ${name} `);
    const help = await rlvr(name, '--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toContain(`-- ${name}`);
  }
});

test('check --json --dump passes the cases and writes what the GPU computed', async () => {
  const dump = join(folder, 'dump');
  const paths = readdirSync(cases).map((name) => join(cases, name));
  const { code, stdout } = await rlvr('check', ...paths, '--json', '--dump', dump);
  expect(code).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { case: string; ok: boolean; errors: object });
  expect(lines.map((line) => [line.case, line.ok])).toEqual([
    ['gqa_untied', true],
    ['grpo', true],
    ['par', true],
  ]);
  for (const { case: name } of lines) {
    const want = parseSafetensors(readFileSync(join(cases, `${name}.safetensors`))).tensors;
    const got = parseSafetensors(readFileSync(join(dump, `${name}.safetensors`))).tensors;
    const expected = [...want.keys()].filter((key) => key.startsWith('expected.'));
    expect([...got.keys()].sort()).toEqual(
      expected.map((key) => key.replace('expected.', 'actual.')).sort(),
    );
    for (const key of expected) {
      const actual = got.get(key.replace('expected.', 'actual.'));
      expect(actual?.shape).toEqual(want.get(key)?.shape);
      expect(actual?.dtype).toBe(want.get(key)?.dtype);
    }
  }
});

test('check exits 1 when a case fails', async () => {
  const bytes = readFileSync(join(cases, 'grpo.safetensors'));
  // The last four bytes belong to some expected or input tensor: a case that cannot come out.
  const wrong = Buffer.from(bytes);
  const header = Number(wrong.readBigUInt64LE(0));
  const entries = JSON.parse(wrong.subarray(8, 8 + header).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  wrong.writeFloatLE(123, 8 + header + entries['expected.loss'].data_offsets[0]);
  const { code, stdout } = await rlvr('check', file('wrong.safetensors', wrong), '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ case: 'wrong', ok: false });
});

test('run writes metrics, evaluations, summary and policies; the same again is the same', async () => {
  const path = file('smallest.json', JSON.stringify(smallest));
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  const outcome = await rlvr('run', path, '--out', first);
  expect(outcome.stderr).toContain('2/2');
  expect(outcome.code).toBe(0);
  const lines = readFileSync(join(first, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ arm, seed, step }) => [arm, seed, step])).toEqual(
    [1, 2].flatMap((step) =>
      ['GRPO', 'λ 0.5'].flatMap((arm) => [0, 1].map((seed) => [arm, seed, step])),
    ),
  );
  const summary = JSON.parse(readFileSync(join(first, 'summary.json'), 'utf8')) as {
    runs: { entropy: number; evaluation: Record<string, number> }[];
    arms: { arm: string; entropy: { mean: number; interval: number[] } }[];
    pairs: { first: string; second: string; entropy: { mean: number; higher: number } }[];
  };
  expect(summary.runs).toHaveLength(4);
  expect(Object.keys(summary.runs[0].evaluation)).toEqual(
    expect.arrayContaining([
      'entropy',
      'pass_at_1',
      'pass_at_k',
      'maj_at_k',
      'distinct',
      'distinct_correct',
      'ece',
      'brier',
    ]),
  );
  expect(summary.arms.map(({ arm }) => arm)).toEqual(['GRPO', 'λ 0.5']);
  expect(summary.pairs).toHaveLength(1);
  for (const name of readdirSync(join(first, 'policies'))) {
    expect(readPolicy(readFileSync(join(first, 'policies', name))).task).toBe('maze-small');
  }
  expect(readdirSync(join(first, 'policies'))).toHaveLength(4);
  await rlvr('run', path, '--out', second);
  expect(readFileSync(join(second, 'metrics.jsonl'))).toEqual(
    readFileSync(join(first, 'metrics.jsonl')),
  );
});

test('Ctrl-C stops after the step and keeps what was trained', async () => {
  const path = file(
    'long.json',
    JSON.stringify({ ...smallest, base: { ...smallest.base, steps: 5000 }, seeds: [0] }),
  );
  const out = join(folder, 'stopped');
  const child = spawn(process.execPath, [join(root, 'tools/rlvr.mjs'), 'run', path, '--out', out], {
    cwd: folder,
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
    if (!child.killed && /^\d+\/5000/m.test(stderr)) child.kill('SIGINT');
  });
  const ended = await new Promise((resolve) => child.on('close', (...how) => resolve(how)));
  expect(ended).toEqual([130, null]);
  expect(stderr).toContain('Stopping');
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    steps: number;
    finished: boolean;
  };
  expect(summary.finished).toBe(false);
  expect(summary.steps).toBeGreaterThan(0);
  expect(existsSync(join(out, 'policies'))).toBe(true);
});

test('--resume goes on bit for bit, also with more steps, and refuses the checkpoint of another experiment', async () => {
  const longer = { ...smallest, base: { ...smallest.base, steps: 4 }, seeds: [3] };
  const path = file('longer.json', JSON.stringify(longer));
  const shorter = { ...longer, base: { ...longer.base, steps: 2 } };
  const shorterPath = file('shorter.json', JSON.stringify(shorter));
  const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
  await rlvr('run', path, '--out', whole);
  await rlvr('run', shorterPath, '--out', parts);
  // A copy whose record says that other shaders made it.
  const mixed = join(folder, 'mixed');
  cpSync(parts, mixed, { recursive: true });
  const record = (out: string) =>
    JSON.parse(readFileSync(join(out, 'record.json'), 'utf8')) as RunRecord;
  const { made, ...rest } = record(mixed);
  expect(made.shaders).toBe(await shaderHash());
  expect(made.browser).toMatch(/^Node v\d+\S*, webgpu \d/);
  const shaders = '1a2b3c4d'.repeat(8);
  writeFileSync(
    join(mixed, 'record.json'),
    JSON.stringify({ ...rest, made: { ...made, shaders } }),
  );
  const resumed = await rlvr('run', path, '--out', parts, '--resume');
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).not.toContain('shaders');
  expect(record(parts).made.shaders).toBe(made.shaders);
  const onOthers = await rlvr('run', path, '--out', mixed, '--resume');
  expect(onOthers.code).toBe(0);
  expect(onOthers.stderr).toContain('with shaders 1a2b3c4d…');
  expect(record(mixed).made.shaders).toBeNull();
  const text = (out: string) => readFileSync(join(out, 'metrics.jsonl'), 'utf8');
  expect(text(parts)).toBe(text(whole));
  const results = (out: string) =>
    (JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as { runs: unknown }).runs;
  expect(results(parts)).toEqual(results(whole));
  // The rollouts too: those of the first two steps come from the record of the shorter run.
  const arms = (out: string) => record(out).arms;
  expect(arms(whole)[0]?.runs[0]?.rollouts?.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  const shown = (out: string) => arms(out).map(({ runs }) => runs.map(({ rollouts }) => rollouts));
  expect(shown(parts)).toEqual(shown(whole));
  const other = file('other.json', JSON.stringify({ ...longer, seeds: [4] }));
  const refused = await rlvr('run', other, '--out', parts, '--resume');
  expect(refused.stderr).toContain('another experiment');
  expect(refused.code).toBe(2);
  expect(text(parts)).toBe(text(whole));
});

test('pretrain writes a policy and its card, and evaluate reads it', async () => {
  const path = join(folder, 'base.safetensors');
  const { code, stderr } = await rlvr(
    'pretrain',
    'maze-small',
    '--out',
    path,
    '--steps',
    '5',
    '--seed',
    '3',
  );
  expect(stderr).toContain('held out');
  expect(code).toBe(0);
  const card = JSON.parse(readFileSync(join(folder, 'base.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  expect(card).toMatchObject({ task: 'maze-small', seed: 3, steps: 5, parameters: 21216 });
  expect(card.loss_curve).toBeInstanceOf(Array);
  const evaluated = await rlvr(
    'evaluate',
    path,
    'maze-small',
    '--prompts',
    '4',
    '--samples',
    '4',
    '--json',
  );
  expect(evaluated.code).toBe(0);
  expect(JSON.parse(evaluated.stdout)).toMatchObject({ prompts: 4, samples: 4 });
});

test('export takes a record to TRL and verl, and its log to other tools', async () => {
  const record = join(root, 'public/runs/default-small.json');
  const read = (...path: string[]) => readFileSync(join(folder, 'export', ...path), 'utf8');
  const to = (target: string, ...more: string[]) =>
    rlvr('export', record, '--to', target, '--out', join('export', target), ...more);

  expect(await to('trl', '--arm', 'λ 0.5')).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(read('trl', 'recipe.json'))).toMatchObject({ positive_weight: 0.5, seed: 0 });
  expect(read('trl', 'train.py')).toContain('GRPOConfig(');
  expect(existsSync(join(folder, 'export/trl/policy/model.safetensors'))).toBe(true);
  expect((await to('verl')).code).toBe(0);
  expect(read('verl', 'launch.sh')).toContain('loss_mode=rlvr');
  expect((await to('unipo')).code).toBe(0);
  expect(JSON.parse(read('unipo', 'unipo.jsonl').split('\n')[0])).toMatchObject({
    algorithm: 'grpo',
  });

  // What is there stays as it is.
  const again = await to('trl');
  expect(again).toMatchObject({ code: 2, stdout: '' });
  expect(again.stderr).toContain('is there already');
  expect((await to('nowhere')).stderr).toContain('--to');
  expect((await to('csv', '--arm', 'none')).stderr).toContain('there is no arm "none"');
  expect(readdirSync(join(folder, 'export')).sort()).toEqual(['trl', 'unipo', 'verl']);
});

test('methods lists every method, explains the named one, and refuses what it does not know', async () => {
  const all = await rlvr('methods');
  expect(all.code).toBe(0);
  expect(all.stdout.split('\n').length).toBeGreaterThan(40);
  const one = await rlvr('methods', 'clip-cov', '--json');
  expect(JSON.parse(one.stdout)).toMatchObject({ set: { objective: 'clip-cov' } });
  const none = await rlvr('methods', 'nonsense');
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('no method is called nonsense');
});

test('bench --json and adapters', async () => {
  const { code, stdout } = await rlvr('bench', '--json', '--rounds', '1');
  expect(code).toBe(0);
  const told = JSON.parse(stdout) as Record<string, unknown>;
  expect(told).toMatchObject({
    layers: 1,
    readbacks_per_step: 1,
    buffers_created_per_step: 0,
    bind_groups_created_per_step: 0,
  });
  // One each, unless that would take more than 50 ms here.
  expect(told['submits_per_update']).toBeLessThanOrEqual(8);
  expect(told['submits_per_rollout_batch']).toBeLessThanOrEqual(8);
  expect(told['layout']).toMatchObject({ chosen_by: 'default' });
  const tuned = await rlvr('bench', '--tune', '--rounds', '1');
  expect(tuned.code).toBe(0);
  expect(tuned.stdout).toMatch(
    /^products: \d+ invocations a workgroup, \d+ rows each \(by timing\)$/m,
  );
  expect(tuned.stdout.match(/^ {2}\d+ invocations a workgroup, .*$/gm)?.length).toBeGreaterThan(2);
  const adapters = await rlvr('adapters', '--json');
  expect(adapters.code).toBe(0);
  expect(JSON.parse(adapters.stdout.split('\n')[0] ?? '')).toHaveProperty('pick');
});
