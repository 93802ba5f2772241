import { describe, expect, test } from 'vitest';
import {
  runOfFile,
  runOfRecord,
  type LoggedRun,
  type RunChoice,
} from '../../src/export/logs/logged_run';
import { csvLog, trlLog, verlLog } from '../../src/export/logs/trainer_logs';
import { unipoLog } from '../../src/export/logs/unipo';
import { keptRun } from '../setup/kept_run';
import { recordedRun } from './recorded_run';

const FIRST: RunChoice = { arm: null, seed: null };

function run(changes = {}, choice = FIRST): LoggedRun {
  const found = runOfFile(keptRun(changes), choice);
  if (!found.ok) throw new Error(found.problems[0]?.message);
  return found.value;
}

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('one run of several', () => {
  test('the first arm and seed, unless others are named', () => {
    expect(run()).toMatchObject({ arm: 'GRPO', changed: [], steps: [1, 2, 3] });
    const other = run({}, { arm: 'λ 0.5', seed: 7 });
    expect(other.recipe).toMatchObject({ seed: 7, positive_weight: 0.5 });
    expect(other.changed).toEqual(['positive_weight']);
    expect(other.columns.get('entropy')?.[0]).toBeCloseTo(1 / 6);
  });

  test.each([
    [{ arm: 'no such', seed: null }, 'there is no arm "no such"; the run has "GRPO", "λ 0.5"'],
    [{ arm: null, seed: 3 }, 'there is no seed 3; the run has 0, 7'],
  ])('%j is refused with those there are', (choice, message) => {
    const found = runOfFile(keptRun(), choice);
    expect(found).toMatchObject({ ok: false, problems: [{ message }] });
  });

  test('of a record too', () => {
    const found = runOfRecord(recordedRun(), FIRST);
    expect(found.ok && found.value.steps.length).toBe(8);
    expect(found.ok && found.value.columns.get('reward')?.length).toBe(8);
  });
});

test('TRL: an entry for each step at the number of updates, under its names', () => {
  const state = JSON.parse(trlLog(run())) as { log_history: Record<string, number>[] };
  // 4 minibatches, 2 epochs.
  expect(state).toMatchObject({ global_step: 24, max_steps: 96, logging_steps: 8 });
  expect(state.log_history.map(({ step }) => step)).toEqual([8, 16, 24]);
  const [first] = state.log_history;
  expect(first).toMatchObject({ entropy: 1 / 3, 'rewards/verifier/mean': 0, learning_rate: 3e-4 });
  expect(first.epoch).toBeCloseTo(8 / 1024);
  for (const name of ['reward', 'grad_norm', 'clip_ratio/low_mean', 'completions/mean_length'])
    expect(first[name], name).toBeTypeOf('number');
  // Not computed in this run.
  expect(first).not.toHaveProperty('kl');
  // Groups of 8 prompts.
  const groups = run().columns.get('zero_variance_groups')?.[0] ?? NaN;
  expect(first.frac_reward_zero_std).toBeCloseTo(groups / 8);
});

test('verl: a line for each step, as its file logger writes them', () => {
  const all = lines(verlLog(run()));
  expect(all.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(all[1].data).toMatchObject({
    'actor/entropy': 0.25,
    'critic/score/mean': 0.01,
    'training/global_step': 2,
    'actor/lr': 3e-4,
  });
});

test('CSV: all that was measured, formulas disarmed', () => {
  const text = csvLog({ ...run(), arm: '=1+1' });
  const [head, first] = text.split('\r\n');
  expect(head.startsWith('arm,seed,step,entropy,reward')).toBe(true);
  expect(first.startsWith(`"'=1+1",0,1,0.33`)).toBe(true);
});

describe('UNIPO', () => {
  const [header, ...steps] = lines(unipoLog(run()));

  test('a header line with what its schema asks for', () => {
    expect(header).toMatchObject({
      type: 'header',
      algorithm: 'grpo',
      dataset: 'maze-small',
      reward_strategy: 'verifier',
      totalSteps: 3,
      hparams: { clip_eps: [0.2, 0.2], group_size: 16, positive_weight: 1 },
    });
  });

  test('a line for each step with the metrics it requires', () => {
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3]);
    for (const { metrics, is_first_step_after_rollout_phase: after } of steps) {
      expect(after).toBe(true);
      expect(metrics).toHaveProperty('policy_objective');
      expect(metrics).toHaveProperty('reward');
      expect(metrics).not.toHaveProperty('kl');
    }
  });

  test('the responses kept of a step, token by token', () => {
    expect(steps[0]).not.toHaveProperty('prompts');
    const [group] = steps[1].prompts as { prompt: string; responses: unknown[] }[];
    expect(group.prompt).toBe('a1c1b2d3d4>');
    expect(group.responses[0]).toMatchObject({
      id: 'step2_p0_sample0',
      reward: 1,
      advantage: 0.5,
      response_text: 'b1c1',
      response_length: 3,
      tokens: {
        ids: [1, 2, 17],
        strings: ['b1', 'c1', '⏎'],
        log_probs: [-0.25, -0.5, 0],
        old_log_probs: [-0.25, -0.5, 0],
        advantages: [0.5, 0.5, 0.5],
      },
    });
  });
});
