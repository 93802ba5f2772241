import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runOfFile } from '../../src/export/logs/logged_run';
import { parseTrainerLog } from '../../src/export/logs/read_trainer_log';
import { trlLog, verlLog } from '../../src/export/logs/trainer_logs';
import { seriesOfTwo } from '../../src/store/compare';
import { keptRun } from '../setup/kept_run';

function read(text: string) {
  const log = parseTrainerLog(text);
  if (!log.ok) throw new Error(log.problems[0]?.message);
  return log.value;
}

const refusal = (text: string) => {
  const log = parseTrainerLog(text);
  return log.ok ? null : log.problems[0]?.message;
};

const column = (text: string, key: 'entropy' | 'reward' | 'grad_norm') =>
  Array.from(read(text).columns.get(key) ?? []);

test('what TRL itself logged of two steps', () => {
  const url = new URL('../fixtures/scale/trl_run.json', import.meta.url);
  const { log_history: history } = JSON.parse(readFileSync(url, 'utf8')) as {
    log_history: object[];
  };
  const log = read(JSON.stringify({ log_history: history }));
  expect(log).toMatchObject({ trainer: 'trl', steps: 2 });
  expect(Array.from(log.columns.get('positive_weight') ?? [])).toEqual([0.4, 0.5]);
  expect(log.columns.get('entropy')?.[0]).toBeGreaterThan(0.5);
  expect(log.columns.get('reward')?.[1]).toBeGreaterThan(0);
  // The list alone is a log too.
  expect(read(JSON.stringify(history)).columns).toEqual(log.columns);
});

describe('what we write under their names is read as it was', () => {
  const run = runOfFile(keptRun(), { arm: null, seed: null });
  if (!run.ok) throw new Error('no run');
  test.each([
    ['trl', trlLog],
    ['verl', verlLog],
  ] as const)('%s', (trainer, write) => {
    const log = read(write(run.value));
    expect(log).toMatchObject({ trainer, steps: 3 });
    for (const key of ['entropy', 'reward', 'clip_low_fraction', 'response_length'] as const) {
      expect(Array.from(log.columns.get(key) ?? []), key).toEqual(run.value.columns.get(key));
    }
  });
});

test('a step of verl stands at its place; what lies between has no number', () => {
  const lines = [
    { step: 0, data: { 'val-core/maze/acc': 0.1 } },
    { step: 2, data: { 'actor/entropy': 0.5 } },
    { step: 4, data: { 'actor/entropy': 0.25, 'actor/grad_norm': 1, 'timing_s/gen': 3 } },
  ];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  expect(column(text, 'entropy')).toEqual([NaN, 0.5, NaN, 0.25]);
  expect(column(text, 'grad_norm')).toEqual([NaN, NaN, NaN, 1]);
});

test.each([
  ['', 'It has no quantity that is drawn here, such as entropy or reward.'],
  ['entropy,reward\n1,2', /^It is neither a trainer_state\.json of TRL nor/],
  ['{"log_history": 3}', /^It is neither/],
  ['[{"entropy": 1}]', /^step of entry 1/],
  ['[{"step": 1, "entropy": "much"}]', /^"entropy" of entry 1 must be between/],
  ['[{"step": 1, "entropy": null}]', /^"entropy" of entry 1/],
  ['[{"step": 2, "entropy": 1}, {"step": 2, "entropy": 1}]', /ascend: entry 2 has 2 after 2/],
  ['[{"step": 1, "eval_loss": 1}]', /^It has no quantity/],
  ['[3]', 'entry 1 is not an object.'],
  ['{"step": 1, "data": {"actor/entropy": 1}}\n{"step": 2', /^Line 2 is not a step/],
  ['{"step": 200000, "data": {"actor/entropy": 1}}', /^It has 200000 steps/],
  ['[{"step": 1, "step": 2, "entropy": 1}]', /^It is neither/],
])('%j is refused by name', (text, message) => {
  const said = refusal(text);
  if (typeof message === 'string') expect(said).toBe(message);
  else expect(said).toMatch(message);
});

test('whatever is in a file, it is read or refused', () => {
  const entry = fc.dictionary(
    fc.constantFrom('step', 'entropy', 'reward', 'data', '__proto__', 'log_history'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.oneof(fc.array(entry), entry, fc.jsonValue()), (value) => {
      const log = parseTrainerLog(JSON.stringify(value));
      expect(log.ok ? log.value.steps : (log.problems[0]?.message.length ?? 0)).toBeGreaterThan(0);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => void parseTrainerLog(text)));
});

test('a log is drawn beside two arms, over its own steps', () => {
  const run = keptRun();
  const side = (arm: string) => ({ run, arm });
  const log = {
    ...read('[{"step": 8, "entropy": 1}, {"step": 16, "entropy": 0.5}]'),
    name: 'a.json',
  };
  const store = seriesOfTwo(side('arm-1'), side('arm-2'), [log]);
  expect(Array.from(store.of('log-1').view('entropy'))).toEqual([1, 0.5]);
  expect(Array.from(store.of('log-1').view('step'))).toEqual([1, 2]);
  expect(store.of('arm-1').length).toBe(3);
});
