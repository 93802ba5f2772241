import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { recolourArm } from '../../src/store/edit';
import { goLive, openRecord, reset, setLive, stepOnce, toggleRun } from '../../src/store/engine';
import { findArm, useExperiment } from '../../src/store/experiment';
import { useRun } from '../../src/store/run';
import { series } from '../../src/store/series';
import { undo } from '../../src/store/undo';
import { recordedRun } from './recorded_run';

/** The view's store looks for it once, when it is made. */
vi.hoisted(() => {
  const localStorage = { getItem: () => null, setItem: () => undefined };
  vi.stubGlobal('window', { localStorage });
});

const STEPS = 8;
const record = recordedRun({}, STEPS);

beforeEach(() => {
  vi.useFakeTimers();
  openRecord(record, 'a-record');
});
afterEach(() => {
  vi.useRealTimers();
});

const entropy = () => [...series.of('arm-1').view('entropy')];

describe('a recorded run', () => {
  test('is taken up with all its arms and seeds, at step 0', () => {
    expect(useRun.getState()).toMatchObject({ status: 'ready', step: 0, total: STEPS });
    expect(useRun.getState().recorded?.id).toBe('a-record');
    expect(useExperiment.getState().seeds).toEqual(record.experiment.seeds);
    expect(entropy()).toEqual([]);
  });

  test('takes over what the page says of its experiment, which is newer than the record', () => {
    const about = {
      ...{ question: 'Which?', prediction: 'This.', look_at: 'There.', paper: null },
      ...{ sources: [], claims: [], finding: 'That.' },
    };
    useExperiment.setState({ record: 'a-record', about });
    openRecord(record, 'a-record');
    expect(useExperiment.getState().about).toEqual(about);
    openRecord(record, 'another');
    expect(useExperiment.getState().about?.question).not.toBe('Which?');
  });

  test('plays to its end, and its curves are the means of the recorded numbers', () => {
    toggleRun();
    expect(useRun.getState().status).toBe('running');
    vi.advanceTimersByTime(20_000);
    expect(useRun.getState()).toMatchObject({ status: 'finished', step: STEPS });
    const seeds = record.arms[0]?.runs.map(({ series: own }) => own.entropy) ?? [];
    const means = Array.from(
      { length: STEPS },
      (_, i) => seeds.reduce((sum, own) => sum + (own[i] ?? 0), 0) / seeds.length,
    );
    expect(entropy()).toHaveLength(STEPS);
    entropy().forEach((value, i) => expect(value).toBeCloseTo(means[i] ?? NaN, 10));
    expect(series.seeds('arm-1').size).toBe(seeds.length);
  });

  test('pauses, steps, and rewinds', () => {
    toggleRun();
    vi.advanceTimersByTime(600);
    toggleRun();
    const { step, status } = useRun.getState();
    expect(status).toBe('paused');
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(STEPS);
    stepOnce();
    expect(useRun.getState().step).toBe(step + 1);
    vi.advanceTimersByTime(5000);
    expect(useRun.getState().step).toBe(step + 1);
    reset();
    expect(useRun.getState()).toMatchObject({ status: 'ready', step: 0 });
    expect(entropy()).toEqual([]);
  });

  test('fills in a weight that never changed from the recipe', () => {
    stepOnce();
    const weight = findArm('arm-1')?.recipe.positive_weight;
    expect(series.of('arm-1').last('positive_weight')).toBe(weight);
    expect(series.of('arm-1').last('grad_norm')).toBeNaN();
  });

  test('cannot be changed, and stays where there is nothing to train on', () => {
    const before = findArm('arm-1')?.recipe;
    setLive('arm-1', 'clip_low', 0.05);
    expect(findArm('arm-1')?.recipe).toEqual(before);
    goLive();
    expect(useRun.getState().recorded).not.toBeNull();
  });

  test('is left alone by undo, and gives the page back what it had', () => {
    recolourArm('arm-1', 5);
    undo();
    expect(useRun.getState().recorded?.id).toBe('a-record');
    expect(useExperiment.getState().seeds).toEqual(record.experiment.seeds);
  });
});
