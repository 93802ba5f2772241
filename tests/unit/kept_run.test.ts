import 'fake-indexeddb/auto';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { otherShaders } from '../../src/storage/other_shaders';
import type { KeptCheckpoint } from '../../src/storage/run_file';
import {
  adoptRun,
  allWritten,
  leaveRun,
  openShelf,
  receiveSaved,
  useAutosave,
} from '../../src/store/autosave';
import {
  addCheckpoint,
  clearCheckpoints,
  thinned,
  useCheckpoints,
} from '../../src/store/checkpoints';
import { changeSetting, useExperiment } from '../../src/store/experiment';
import { forkableSteps, forkOf, startOf, type Fork } from '../../src/store/fork';
import { experimentOf, keptRunNow, showSeries } from '../../src/store/kept_run';
import { unfinishedRun } from '../../src/store/library';
import { clearFindings, measurementsOf } from '../../src/store/findings';
import { keptRollouts, recordedGroup } from '../../src/store/recorded_rollouts';
import { clearGroups, groupsOf } from '../../src/store/rollouts';
import { series, SeriesStore } from '../../src/store/series';
import { showKept } from '../../src/store/show_kept';
import { keptRun } from '../setup/kept_run';

const checkpoint = (step: number, size = 8): KeptCheckpoint => ({
  step,
  bytes: new Uint8Array(size).fill(step),
});

beforeAll(() => {
  vi.stubGlobal('navigator', { userAgent: 'A browser' });
});

const EMPTY = {
  ...{ adapter: null, shaders: null, checkpoint: null },
  ...{ evaluations: () => [], measurements: () => [], groups: () => [] },
};

/** Puts a kept run on the page. */
function show(run = keptRun()) {
  series.clear();
  useExperiment.setState(experimentOf(run));
  showSeries(run, series);
}

describe('a kept run on the page', () => {
  test('is kept again as it was', () => {
    const run = keptRun();
    const shown = new SeriesStore();
    showSeries(run, shown);
    const again = keptRunNow(run, {
      experiment: experimentOf(run),
      series: shown,
      adapter: run.adapter,
      shaders: run.shaders,
      checkpoint: run.checkpoint,
      evaluations: (name) => run.evaluations.filter((found) => found.run === name),
      measurements: (name) => run.measurements.filter((found) => found.run === name),
      groups: (arm) =>
        run.rollouts
          .filter((own) => own.run.startsWith(`${arm}#`))
          .flatMap((own) =>
            own.groups.map((group) => recordedGroup(own.run, run.experiment.base, group)),
          ),
    });
    const { changed, program, browser } = again ?? run;
    expect(again).toEqual({ ...run, changed, program, browser });
  });

  test('has the settings in force, and knows those it began with', () => {
    const [first, second] = experimentOf(keptRun()).arms;
    expect([first?.recipe.positive_weight, first?.original.positive_weight]).toEqual([1, 1]);
    expect([second?.recipe.positive_weight, second?.original.positive_weight]).toEqual([0.5, 1]);
  });

  test('after an earlier step has the settings of that step', () => {
    const marks = [
      { arm: 'arm-1', setting: 'clip_low', from: 0.2, to: 0.1, step: 2 },
      { arm: 'arm-1', setting: 'clip_low', from: 0.1, to: 0.3, step: 3 },
    ] as const;
    const run = keptRun({ marks });
    const clipAfter = (step: number) => experimentOf(run, step).arms[0]?.recipe.clip_low;
    // A change at step 3 acts in the first update after step 2 was complete.
    const current = experimentOf(run).arms[0]?.recipe.clip_low;
    expect([clipAfter(0), clipAfter(1), clipAfter(2)]).toEqual([0.2, 0.1, current]);
  });

  test('is saved with what the worker has taken over, not with what waits for it', () => {
    show();
    changeSetting('arm-1', 'clip_low', 0.05);
    const page = { ...EMPTY, experiment: useExperiment.getState(), series };
    expect(keptRunNow(keptRun(), page)?.experiment.arms[0]?.set).toEqual({});
  });

  test('names its shaders as long as the same ones make its steps', () => {
    const run = keptRun();
    show(run);
    const page = { ...EMPTY, experiment: useExperiment.getState(), series };
    const savedBy = (shaders: string | null) => keptRunNow(run, { ...page, shaders })?.shaders;
    expect(savedBy(run.shaders)).toBe(run.shaders);
    expect(savedBy('f'.repeat(64))).toBeNull();
    const older = keptRunNow({ ...run, shaders: null }, { ...page, shaders: run.shaders });
    expect(older?.shaders).toBeNull();
  });

  test('taken up with other shaders is said in words, and only then', () => {
    const [one, two] = ['1a2b3c4d'.repeat(8), '5e6f7a8b'.repeat(8)];
    const words = otherShaders(one, two);
    for (const part of ['with shaders 1a2b3c4d…', 'here: 5e6f7a8b…', 'can go on'])
      expect(words).toContain(part);
    expect(otherShaders(one, one)).toBeNull();
    expect([otherShaders(null, two), otherShaders(one, null)]).toEqual([null, null]);
  });

  test('is shown with its measurements and rollouts, as of the step it is taken up at', () => {
    const run = keptRun();
    const steps = () => groupsOf('arm-1').map(({ step }) => step);
    for (const [at, known] of [
      [1, [0]],
      [3, [0, 2]],
    ] as const) {
      series.clear();
      clearFindings();
      clearGroups();
      showKept(run, at);
      expect(steps()).toEqual(known);
      expect(measurementsOf('arm-1#0', 'drive').at(-1)?.step).toBe(at < 2 ? undefined : 2);
    }
    const [right, wrong] = groupsOf('arm-1')[0]?.rollouts ?? [];
    expect(right).toMatchObject({
      tokens: ['b1', 'c1', '⏎'],
      reward: 1,
      entropy: [0.5, 0.1235, 0],
    });
    expect(wrong).toMatchObject({ tokens: ['a2', '>'], reward: 0 });
    // As they were in training, and not as the verifier's rewards alone would give them.
    expect([right?.advantage, wrong?.advantage]).toEqual([0.5, -0.75]);
    expect(right?.logprob).toEqual([-0.25, -0.5, 0]);
    expect(groupsOf('arm-2')).toEqual([]);
  });

  test('keeps no rollouts from after its last step, of another run, or that are not of its task', () => {
    const { base } = keptRun().experiment;
    const [own] = keptRun().rollouts;
    const shown = own.groups.map((group) => recordedGroup(own.run, base, group));
    expect(keptRollouts(shown, base, 3)).toEqual(own);
    expect(keptRollouts(shown, base, 1)?.groups).toEqual([own.groups[0]]);
    const foreign = shown.map((group, i) => (i === 0 ? { ...group, prompt: ['a1'] } : group));
    expect(keptRollouts(foreign, base, 3)?.groups).toEqual([own.groups[1]]);
    const other = shown.map((group, i) => (i === 0 ? { ...group, run: 'arm-1#7' } : group));
    expect(keptRollouts(other, base, 3)?.groups).toEqual([own.groups[1]]);
    expect(keptRollouts([], base, 3)).toBeNull();
  });

  test('does not exist before its first step', () => {
    const page = { ...EMPTY, series: new SeriesStore() };
    expect(keptRunNow(keptRun(), { ...page, experiment: experimentOf(keptRun()) })).toBeNull();
  });
});

describe('saving by itself', () => {
  beforeEach(() => {
    useAutosave.setState({ run: null, saved: null, problem: null });
    clearCheckpoints();
    show();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    const shelf = await openShelf();
    for (const { id } of await shelf.list()) await shelf.remove(id);
  });

  test('begins with the first state that comes, goes on under one name, and ends aside', async () => {
    receiveSaved(checkpoint(2));
    receiveSaved(checkpoint(3));
    await allWritten();
    const shelf = await openShelf();
    const [entry, ...more] = await shelf.list();
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ name: 'Two arms', step: 3, aside: false, saves: 1 });
    expect(useAutosave.getState()).toMatchObject({ saved: { step: 3 }, problem: null });
    const loaded = await shelf.load(entry?.id ?? '');
    expect(loaded.ok && loaded.value.run.checkpoint).toEqual(checkpoint(3));
    leaveRun();
    await allWritten();
    expect((await shelf.list())[0]?.aside).toBe(true);
    expect([useAutosave.getState().run, useCheckpoints.getState().kept]).toEqual([null, []]);
  });

  test('a save that is still waiting is not lost with the page’s next run', async () => {
    receiveSaved(checkpoint(2));
    const { run: first } = useAutosave.getState();
    leaveRun();
    series.clear();
    await allWritten();
    const [entry] = await (await openShelf()).list();
    expect(entry).toMatchObject({ id: first?.id, step: 3, aside: true });
  });

  test('a run that is taken up again is no longer aside', async () => {
    const shelf = await openShelf();
    const run = keptRun();
    await shelf.save(run);
    await shelf.setAside(run.id, true);
    adoptRun(run, { step: 3, at: 0 }, run.checkpoint);
    await allWritten();
    expect((await shelf.list())[0]?.aside).toBe(false);
  });

  test('where nothing may be kept the run goes on, and that is known', async () => {
    const shelf = await openShelf();
    const refused = new DOMException('private', 'InvalidStateError');
    vi.spyOn(shelf, 'save').mockRejectedValue(refused);
    receiveSaved(checkpoint(3));
    await allWritten();
    expect(useAutosave.getState()).toMatchObject({
      saved: null,
      problem: { kind: 'storageBlocked' },
    });
  });

  test('where the weights do not fit the numbers are kept', async () => {
    const shelf = await openShelf();
    const save = shelf.save.bind(shelf);
    vi.spyOn(shelf, 'save').mockImplementation((run) =>
      run.checkpoint === null
        ? save(run)
        : Promise.reject(new DOMException('full', 'QuotaExceededError')),
    );
    receiveSaved(checkpoint(3));
    await allWritten();
    expect(useAutosave.getState()).toMatchObject({
      saved: { step: 3 },
      problem: { kind: 'storageFull', kept: 'numbers' },
    });
    expect((await shelf.list())[0]).toMatchObject({ step: 3, hasCheckpoint: false });
  });
});

describe('checkpoints in memory', () => {
  test('are at most eight, evenly spread, with the newest', () => {
    clearCheckpoints();
    for (let step = 1; step <= 200; step++) addCheckpoint(checkpoint(step));
    const steps = useCheckpoints.getState().kept.map(({ step }) => step);
    expect(steps).toHaveLength(8);
    expect(steps.at(-1)).toBe(200);
    const gaps = steps.map((step, i) => step - (steps[i - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(64);
  });

  test('take at most so many bytes, and the newest whatever it takes', () => {
    const kept = [1, 2, 3, 4].map((step) => checkpoint(step, 40));
    expect(thinned(kept, 8, 100).map(({ step }) => step)).toHaveLength(2);
    expect(thinned(kept, 8, 1).map(({ step }) => step)).toEqual([4]);
  });

  test('of a step that is trained again are replaced, with those after it', () => {
    clearCheckpoints();
    for (const step of [4, 8, 6]) addCheckpoint(checkpoint(step));
    expect(useCheckpoints.getState().kept.map(({ step }) => step)).toEqual([4, 6]);
  });
});

describe('a fork', () => {
  const identity = { id: 'aaaaaaaa-0000-4000-8000-000000000009', name: 'F', created: '2026-11-21' };
  const fork = (changes: Partial<Fork> = {}): Fork => ({
    arm: 'arm-2',
    step: 2,
    setting: 'clip_high',
    value: 0.4,
    steps: 12,
    name: 'higher clip',
    ...changes,
  });
  const refusal = (changes: Partial<Fork>) => {
    const forked = forkOf(keptRun(), fork(changes), identity);
    return forked.ok ? null : forked.problems[0]?.message;
  };

  test('is the arm as it was beside itself with one setting changed, both from its state', () => {
    const forked = forkOf(keptRun(), fork(), identity);
    if (!forked.ok) throw new Error(forked.problems[0]?.message);
    const { run, of } = forked.value;
    expect(of).toEqual({
      'arm-1#0': 'arm-2#0',
      'arm-1#7': 'arm-2#7',
      'arm-2#0': 'arm-2#0',
      'arm-2#7': 'arm-2#7',
    });
    const [parent, child] = experimentOf(run).arms;
    expect(parent?.name).toBe('λ 0.5');
    expect({ ...child?.recipe, clip_high: 0.2 }).toEqual(parent?.recipe);
    expect([parent?.recipe.clip_high, child?.recipe.clip_high]).toEqual([0.2, 0.4]);
    expect(parent?.recipe.positive_weight).toBe(0.5);
    expect(run.parent).toEqual({ run: keptRun().id, name: 'Two arms', arm: 'λ 0.5', step: 2 });
  });

  test('shows what both have in common until then, and a mark where they part', () => {
    const forked = forkOf(keptRun(), fork(), identity);
    if (!forked.ok) throw new Error('refused');
    const { run } = forked.value;
    const shown = new SeriesStore();
    showSeries(run, shown);
    const own = keptRun().series.get('arm-2#7')?.get('entropy')?.slice(0, 2);
    for (const arm of ['arm-1', 'arm-2']) {
      expect(shown.seeds(arm).get(7)?.view('entropy')).toEqual(own);
    }
    expect(shown.marks.at(-1)).toEqual({
      arm: 'arm-2',
      setting: 'clip_high',
      from: 0.2,
      to: 0.4,
      step: 3,
    });
  });

  test('has the evaluations of both until then', () => {
    const forked = forkOf(keptRun(), fork(), identity);
    const found = forked.ok ? forked.value.run.evaluations : [];
    expect(found.map(({ run, step }) => [run, step])).toEqual([
      ['arm-1#7', 1],
      ['arm-2#7', 1],
    ]);
  });

  test('has the measurements and rollouts of both until then', () => {
    const run = keptRun({
      measurements: [1, 3].map((step, i) => ({
        ...{ run: 'arm-2#7', step, values: {} },
        kind: i === 0 ? 'drive' : 'ratios',
      })),
      rollouts: [{ run: 'arm-2#0', groups: keptRun().rollouts[0].groups }],
    });
    const forkAt = (step: number) => {
      const forked = forkOf(run, fork({ step }), identity);
      if (!forked.ok) throw new Error('refused');
      return forked.value.run;
    };
    expect(forkAt(2).measurements.map((found) => [found.run, found.kind])).toEqual([
      ['arm-1#7', 'drive'],
      ['arm-2#7', 'drive'],
    ]);
    const steps = (step: number) =>
      forkAt(step).rollouts.map((own) => [own.run, own.groups.map((group) => group.step)]);
    expect(steps(2)).toEqual([
      ['arm-1#0', [0, 2]],
      ['arm-2#0', [0, 2]],
    ]);
    expect(steps(1)).toEqual([
      ['arm-1#0', [0]],
      ['arm-2#0', [0]],
    ]);
  });

  test('goes on from the kept step, or trains again from the one before with what was changed since', () => {
    const marks = [
      { arm: 'arm-2', setting: 'clip_low', from: 0.2, to: 0.1, step: 2 },
      { arm: 'arm-1', setting: 'clip_low', from: 0.2, to: 0.3, step: 3 },
      { arm: 'arm-2', setting: 'clip_low', from: 0.1, to: 0.3, step: 3 },
    ] as const;
    const parent = keptRun({ marks });
    const at = { arm: 'arm-2', step: 3 };
    const kept = [checkpoint(1), checkpoint(3)];
    expect(startOf(parent, at, kept)).toEqual({
      bytes: checkpoint(3).bytes,
      missing: ['evaluation', 'measurement'],
    });
    const from = startOf(parent, at, kept.slice(0, 1));
    if (!('retrace' in from)) throw new Error('nothing is trained again');
    const { runs, changes, bytes, step, past } = from.retrace;
    const entropies = parent.series.get('arm-2#7')?.get('entropy')?.slice(1, 3);
    expect(past['arm-2#7']?.map(({ entropy }) => entropy)).toEqual([...(entropies ?? [])]);
    expect([bytes, step]).toEqual([checkpoint(1).bytes, 3]);
    expect(runs.map(({ id, recipe }) => [id, recipe.seed, recipe.clip_low])).toEqual([
      ['arm-2#0', 0, 0.1],
      ['arm-2#7', 7, 0.1],
    ]);
    expect(changes).toEqual(
      ['arm-2#0', 'arm-2#7'].map((run) => ({ run, setting: 'clip_low', value: 0.3, step: 3 })),
    );
    const base = startOf(parent, at, []);
    expect('retrace' in base && [base.retrace.bytes, base.retrace.changes.length]).toEqual([
      null,
      4,
    ]);
  });

  test('begins at any complete step, but never in the past of a fork', () => {
    const parent = { run: keptRun().id, name: 'Two arms', arm: 'GRPO', step: 2 };
    expect(forkableSteps({ step: 0, parent: null }, [])).toBeNull();
    expect(forkableSteps({ step: 5, parent: null }, [])).toEqual({ first: 1, last: 5 });
    expect(forkableSteps({ step: 5, parent }, [])).toBeNull();
    expect(forkableSteps({ step: 5, parent }, [{ step: 4 }])).toEqual({ first: 4, last: 5 });
  });

  test('may change a schedule or a shape, and train longer', () => {
    expect(refusal({ setting: 'positive_weight_schedule', value: { kind: 'stage' } })).toBeNull();
    expect(refusal({ setting: 'minibatches', value: 2, steps: 40 })).toBeNull();
  });

  test.each([
    [{ value: -1 }, /^clip_high must be between/],
    [{ value: 0.2 }, 'Clip high has this value already.'],
    [{ setting: 'minibatches', value: 5 }, /^minibatches must divide/],
    [{ steps: 2 }, 'The fork begins after step 2, so it needs more steps than that.'],
    [{ name: ' λ 0.5 ' }, 'The fork needs a name of its own.'],
    [{ name: '' }, /^name must be a text/],
    [{ arm: 'arm-9' }, 'That arm is no longer there.'],
  ] as const)('%o is refused in words', (changes, message) => {
    expect(refusal(changes)).toMatch(message);
  });
});

test('the page asks for the newest run that was neither finished, left, nor is on it', () => {
  const entry = (id: string, changes = {}) => ({
    ...{ id, name: id, experiment: '', arms: 1, seeds: 1, step: 3, steps: 9, created: '' },
    ...{ changed: '', parent: null, bytes: 1, hasCheckpoint: true, aside: false, saves: 1 },
    ...changes,
  });
  const entries = [
    entry('on page'),
    entry('finished', { step: 9 }),
    entry('left', { aside: true }),
    entry('numbers alone', { hasCheckpoint: false }),
    entry('this one'),
    entry('older'),
  ];
  expect(unfinishedRun(entries, ['on page'])?.id).toBe('this one');
  expect(unfinishedRun(entries.slice(0, 4), ['on page'])).toBeNull();
  expect(unfinishedRun(null, [])).toBeNull();
});
