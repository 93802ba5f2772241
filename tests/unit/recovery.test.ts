import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keptRun } from '../setup/kept_run';
import { metricsAt } from '../setup/metrics';
import { WorkerDouble } from '../setup/worker_double';

vi.stubGlobal('Worker', WorkerDouble);
vi.stubGlobal('location', new URL('http://localhost/'));
vi.stubGlobal('history', { state: null, replaceState: () => undefined });
const localStorage = { getItem: () => null, setItem: () => undefined };
vi.stubGlobal('window', { localStorage });
vi.stubGlobal('navigator', { userAgent: 'A browser', gpu: {} });

const { connect, reset, takeUp, toggleRun } = await import('../../src/store/engine');
const { allWritten, openShelf, useAutosave } = await import('../../src/store/autosave');
const { forkPage } = await import('../../src/store/fork_page');
const { takeUpRun } = await import('../../src/store/library');
const { mendByItself, tryAgain, useRecovery } = await import('../../src/store/recovery');
const { useExperiment } = await import('../../src/store/experiment');
const { useRun } = await import('../../src/store/run');

mendByItself();

const FACTS = { vendor: 'v', architecture: '', description: 'A GPU', software: false };
const SHADERS = 'a'.repeat(64);
const LOST = { kind: 'deviceLost', detail: 'gone' } as const;
/** Longer than a loss is remembered. */
const LATER = 60 * 60_000;
const SAVED = 3;

const worker = () => WorkerDouble.newest;
const note = () => useRecovery.getState().note;
const now = () => {
  const { status, step } = useRun.getState();
  return { status, step };
};
const lose = () => worker().say({ type: 'failed', failure: LOST });
/** What waits for a change of state goes on after it. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

let time = 0;
beforeEach(async () => {
  time += LATER;
  vi.spyOn(performance, 'now').mockImplementation(() => time);
  connect();
  worker().say({ type: 'adapter', facts: FACTS, shaders: SHADERS });
  const run = keptRun();
  takeUp(run.experiment, null);
  await takeUpRun(run);
  worker().say({ type: 'paused', step: SAVED });
});
afterEach(async () => {
  await allWritten();
  vi.restoreAllMocks();
});

/** Trains steps beyond the save, with numbers that are made up. */
function train(steps: number): void {
  toggleRun();
  worker().say({ type: 'running' });
  for (let step = SAVED + 1; step <= SAVED + steps; step++) complete(step);
}

function complete(step: number): void {
  const metrics = metricsAt(step, { entropy: 0.5, grad_norm: 0.25 });
  const runs = { 'arm-1#0': metrics, 'arm-1#7': metrics, 'arm-2#0': metrics, 'arm-2#7': metrics };
  worker().say({ type: 'metrics', step, runs });
}

describe('a device that is lost while a run trains', () => {
  test('is opened again: the steps since the save are trained again, and it trains on', async () => {
    train(2);
    lose();
    expect(now()).toEqual({ status: 'preparing', step: SAVED + 2 });
    const from = worker().prepared?.from;
    if (from === undefined || !('retrace' in from)) throw new Error('no steps are trained again');
    expect(from.retrace.step).toBe(SAVED + 2);
    expect(from.retrace.past['arm-1#0']).toHaveLength(2);
    expect(note()).toMatch(/^The graphics processor was lost after step 5\. The page opens it/);
    const runs = worker().count('run');
    worker().say({ type: 'paused', step: SAVED + 2 });
    await settled();
    expect(note()).toMatch(/was taken up by itself at the same step.*nothing is lost/s);
    expect(worker().count('run')).toBe(runs + 1);
  });

  test('on one that gives other digits it goes back to its save, and waits', async () => {
    train(2);
    lose();
    const detail = 'trained again, step 4 has other numbers than it had.';
    worker().say({ type: 'failed', failure: { kind: 'badInput', field: 'the fork', detail } });
    expect(now()).toEqual({ status: 'preparing', step: SAVED });
    expect(worker().prepared?.from).toMatchObject({ bytes: keptRun().checkpoint?.bytes });
    expect(note()).toMatch(/other last digits.*back at its save of step 3; press Run/s);
    expect(useRun.getState().failure).toBeNull();
    worker().say({ type: 'paused', step: SAVED });
    await settled();
    expect(worker().count('run')).toBe(1);
    expect(useAutosave.getState().run?.id).toBe(keptRun().id);
  });

  test('again, soon after: a person decides; much later it is mended once more', async () => {
    train(1);
    lose();
    worker().say({ type: 'paused', step: SAVED + 1 });
    await settled();
    lose();
    expect(useRun.getState().failure).toEqual({ ...LOST, again: true });
    const lost = worker();
    tryAgain();
    await vi.waitFor(() => expect(worker()).not.toBe(lost));
    worker().say({ type: 'adapter', facts: FACTS, shaders: SHADERS });
    await vi.waitFor(() => expect(worker().prepared?.from).toBeDefined());
    worker().say({ type: 'paused', step: SAVED + 1 });
    time += LATER;
    lose();
    expect(useRun.getState().failure).toBeNull();
  });

  test('what the plan asked for at that very step is found out before the next', async () => {
    train(1);
    worker().say({ type: 'evaluation', step: SAVED + 1, runs: { 'arm-1#0': { pass_at_1: 0.5 } } });
    lose();
    expect(worker().prepared?.from?.missing).toEqual(['measurement']);
    worker().say({ type: 'paused', step: SAVED + 1 });
    await settled();
    time += LATER;
    complete(SAVED + 2);
    lose();
    expect(worker().prepared?.from?.missing).toEqual(['evaluation', 'measurement']);
  });

  test('after the last step it is evaluated all the same', async () => {
    train(9);
    lose();
    const runs = worker().count('run');
    worker().say({ type: 'finished', step: SAVED + 9 });
    await settled();
    expect(worker().count('run')).toBe(runs + 1);
  });
});

describe('a device that is lost before anything trains', () => {
  test('at step 0 it begins again', async () => {
    reset();
    worker().say({ type: 'ready' });
    lose();
    expect(now()).toEqual({ status: 'preparing', step: 0 });
    expect(worker().prepared?.from).toBeUndefined();
    worker().say({ type: 'ready' });
    await settled();
    expect(worker().count('run')).toBe(0);
    expect(note()).toMatch(/before the first step.*nothing is lost/s);
  });

  test('while a fork is prepared, that is prepared again and then kept', async () => {
    const problems = await forkPage({
      ...{ arm: 'arm-1', step: SAVED, setting: 'positive_weight', value: 0.25 },
      ...{ steps: 12, name: 'Forked' },
    });
    expect(problems).toEqual([]);
    const first = worker().prepared;
    lose();
    expect(now()).toEqual({ status: 'preparing', step: SAVED });
    expect(worker().prepared).toEqual({ ...first, session: (first?.session ?? 0) + 1 });
    worker().say({ type: 'paused', step: SAVED });
    await vi.waitFor(() => expect(useAutosave.getState().run).not.toBeNull());
    expect(useAutosave.getState().run?.parent).toMatchObject({ run: keptRun().id, step: SAVED });
    expect(note()).toMatch(/nothing is lost/);
  });

  test('twice while a fork is prepared: its parent is what is tried again', async () => {
    await openShelf().then((shelf) => shelf.save(keptRun()));
    await forkPage({
      ...{ arm: 'arm-1', step: SAVED, setting: 'positive_weight', value: 0.25 },
      ...{ steps: 12, name: 'Forked' },
    });
    lose();
    lose();
    expect(useRun.getState().failure).toEqual({ ...LOST, again: true });
    const lost = worker();
    tryAgain();
    await vi.waitFor(() => expect(worker()).not.toBe(lost));
    worker().say({ type: 'adapter', facts: FACTS, shaders: SHADERS });
    await vi.waitFor(() => expect(useAutosave.getState().run?.id).toBe(keptRun().id));
    expect(useExperiment.getState().arms.map(({ name }) => name)).toEqual(['GRPO', 'λ 0.5']);
  });
});

test('numbers that are not finite: back to the last save in which all were', () => {
  train(2);
  const where = { arm: 'GRPO', step: SAVED + 2, tensor: 'lm_head.weight' };
  const failure = { kind: 'nonfinite', of: 'gradient', ...where } as const;
  worker().say({ type: 'failed', failure });
  expect(now()).toEqual({ status: 'preparing', step: SAVED });
  expect(note()).toMatch(/^Training diverged\. .*lm_head\.weight.*back at step 3/s);
});
