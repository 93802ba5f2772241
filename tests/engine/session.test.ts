import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { readRuns } from '../../src/engine/checkpoint';
import { Lockstep } from '../../src/engine/lockstep';
import { parameterLayout } from '../../src/model/layout';
import { readPolicy } from '../../src/model/policy';
import type { Measure } from '../../src/recipe/measure';
import { completeRecipe } from '../../src/recipe/schema';
import type { Recipe } from '../../src/recipe/recipe';
import type { Event, From, NamedRun } from '../../src/worker/protocol';
import { retrace } from '../../src/worker/retrace';
import { Session, type Plans } from '../../src/worker/session';
import { testGpu } from '../setup/engine';

const policy = readPolicy(
  readFileSync(new URL('../../public/policies/maze-small.safetensors', import.meta.url)),
);

function arm(id: string, changes: Partial<Recipe> = {}): NamedRun {
  const recipe = completeRecipe({
    task: 'maze-small',
    policy: 'maze-small',
    prompts_per_step: 2,
    group_size: 4,
    minibatches: 1,
    epochs: 1,
    train_prompts: 16,
    steps: 5,
    ...changes,
  });
  if (!recipe.ok) throw new Error('bad recipe');
  return { id, name: id, recipe: recipe.value };
}

async function open(arms: readonly NamedRun[], plans: Plans = {}) {
  const events: Event[] = [];
  const lockstep = await Lockstep.create(
    await testGpu(),
    arms.map(({ name, recipe }) => ({ arm: name, recipe, policy })),
  );
  let notify = () => {};
  const tell = (event: Event) => {
    events.push(event);
    notify();
  };
  const session = new Session(1, arms, lockstep, tell, plans);
  /** Waits until an event of a type has come `count` times. */
  const until = (type: Event['type'], count = 1) =>
    new Promise<void>((resolve) => {
      notify = () => {
        if (events.filter((event) => event.type === type).length >= count) resolve();
      };
      notify();
    });
  const of = <T extends Event['type']>(type: T) =>
    events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  return { session, events, lockstep, until, of };
}

describe('a session', () => {
  test('shows the base policy before anything is trained, in the task’s own form', async () => {
    const { session, of } = await open([arm('a'), arm('b', { positive_weight: 0 })]);
    await session.showBase();
    const [{ groups }] = of('rollouts');
    expect(groups.map((group) => [group.run, group.step])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
    expect(groups[0].rollouts).toHaveLength(4);
    for (const { drawing, reason, reward, tokens, entropy } of groups[0].rollouts) {
      expect(drawing.kind).toBe('maze');
      expect(reason).toMatch(/\.$/);
      expect([0, 1]).toContain(reward);
      expect(entropy).toHaveLength(tokens.length);
    }
    await session.close();
  });

  test('runs to the end, with every step of every arm once and in order', async () => {
    const { session, until, of } = await open([arm('a'), arm('b', { epochs: 2 })]);
    session.run();
    session.run();
    await until('finished');
    expect(of('running')).toHaveLength(1);
    // Two shapes train in lockstep; each metrics event is one step of the arms that completed it.
    for (const id of ['a', 'b']) {
      const steps = of('metrics').flatMap(({ runs }) => (id in runs ? [runs[id].step] : []));
      expect(steps).toEqual([1, 2, 3, 4, 5]);
    }
    expect(of('finished')[0].step).toBe(5);
    expect(of('failed')).toEqual([]);
    await session.close();
  });

  test('showing the base policy does not change the training', async () => {
    const [plain, shown] = [await open([arm('a')]), await open([arm('a')])];
    await shown.session.showBase();
    for (const { session, until } of [plain, shown]) {
      session.run();
      await until('finished');
      await session.close();
    }
    expect(shown.of('metrics')).toEqual(plain.of('metrics'));
  });

  test('pauses with all metrics told, steps once, and goes on', async () => {
    const { session, until, of } = await open([arm('a')]);
    session.run();
    await until('metrics');
    session.pause();
    await until('paused');
    const at = of('paused')[0].step;
    expect(of('metrics').at(-1)?.step).toBe(at);
    expect(at).toBeLessThan(5);
    session.step();
    await until('metrics', at + 1);
    expect(of('metrics').at(-1)?.step).toBe(at + 1);
    session.run();
    await until('finished');
    expect(of('metrics').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    session.step();
    await session.close();
    expect(of('metrics')).toHaveLength(5);
  });

  test('a setting acts at the step it was promised for', async () => {
    const { session, until, of } = await open([arm('a'), arm('b')]);
    session.step();
    await until('paused');
    session.set('b', 'positive_weight', 0.3);
    expect(of('applied')).toEqual([
      { type: 'applied', session: 1, run: 'b', setting: 'positive_weight', value: 0.3, step: 2 },
    ]);
    session.run();
    await until('metrics', 2);
    session.set('a', 'positive_weight', 0.6);
    const promised = of('applied')[1].step;
    await until('finished');
    const weights = (id: string) => of('metrics').map(({ runs }) => runs[id].positive_weight);
    expect(weights('b')).toEqual([1, 0.3, 0.3, 0.3, 0.3]);
    expect(weights('a')).toEqual([1, 2, 3, 4, 5].map((step) => (step < promised ? 1 : 0.6)));
    await session.close();
  });

  test('judges the runs as planned, at the end, and on demand, without a trace in the training', async () => {
    const plan = { every: 2, prompts: 4, samples: 2 };
    const [plain, judged] = [await open([arm('a')]), await open([arm('a')], { evaluate: plan })];
    for (const { session, until } of [plain, judged]) {
      session.run();
      await until('finished');
    }
    expect(plain.of('evaluation')).toEqual([]);
    expect(judged.of('evaluation').map(({ step }) => step)).toEqual([2, 4, 5]);
    expect(judged.of('metrics')).toEqual(plain.of('metrics'));
    const found = judged.of('evaluation')[0].runs.a;
    expect(found).toMatchObject({ prompts: 4, samples: 2 });
    expect(found['pass_at_1']).toBeGreaterThanOrEqual(0);
    judged.session.evaluate(2, 2);
    await judged.until('evaluation', 4);
    expect(judged.of('evaluation')[3]).toMatchObject({ step: 5, runs: { a: { prompts: 2 } } });
    for (const { session } of [plain, judged]) await session.close();
  });

  test('judges on the training prompts too where the plan says so', async () => {
    const evaluate = { every: 0, prompts: 4, samples: 2, training: true };
    const { session, of, until } = await open([arm('a')], { evaluate });
    session.run();
    await until('finished');
    const told = of('evaluation').map(({ step, runs }) => [step, runs.a['on']]);
    expect(told).toEqual([
      [5, undefined],
      [5, 'training'],
    ]);
    await session.close();
  });

  test('measures on the way as planned, once a step, and trains as if it had not', async () => {
    const measure: Measure = { at: [0, 2, 5], kinds: ['drive', 'probe'], prompts: 2, samples: 2 };
    const [plain, measured] = [await open([arm('a')]), await open([arm('a')], { measure })];
    for (const { session, until } of [plain, measured]) {
      // By single steps too: what was measured after the second is not measured again before the third.
      session.step();
      await until('paused', 1);
      session.step();
      await until('paused', 2);
      session.run();
      await until('finished');
    }
    const told = measured.of('measurement').map(({ step, kind }) => `${kind} ${step}`);
    expect(told).toEqual(['drive 0', 'probe 0', 'drive 2', 'probe 2', 'drive 5', 'probe 5']);
    expect(measured.of('metrics')).toEqual(plain.of('metrics'));
    for (const { session } of [plain, measured]) await session.close();
  });

  test('a plan to measure can change while the arms train', async () => {
    const { session, of, until } = await open([arm('a')]);
    session.step();
    await until('paused');
    session.plan({ at: [0, 1, 2, 3], kinds: ['ratios'], prompts: 2, samples: 2 });
    session.step();
    await until('paused', 2);
    session.plan(null);
    session.run();
    await until('finished');
    // After the first step too: it is where the arms stood when it was asked for.
    expect(of('measurement').map(({ step }) => step)).toEqual([1, 2]);
    await session.close();
  });

  test('is measured between steps, and trains on as if it had not been', async () => {
    const [plain, measured] = [await open([arm('a')]), await open([arm('a')])];
    for (const { session, until } of [plain, measured]) {
      session.step();
      await until('paused');
    }
    measured.session.measure('ratios', 2, 2);
    await measured.until('measurement');
    expect(measured.of('measurement')[0]).toMatchObject({ step: 1, kind: 'ratios' });
    expect(measured.of('measurement')[0].runs.a['edges']).toHaveLength(21);
    for (const { session, until } of [plain, measured]) {
      session.run();
      await until('finished');
      await session.close();
    }
    expect(measured.of('metrics')).toEqual(plain.of('metrics'));
  });

  test('weights that are not finite skip their updates, are counted, and spare the other arm', async () => {
    const { session, until, of, lockstep } = await open([arm('a'), arm('b', { seed: 9 })]);
    const broken = await lockstep.save();
    broken[0].runs[0].weights[0] = NaN;
    lockstep.restore(broken);
    session.step();
    await until('metrics');
    const [{ runs }] = of('metrics');
    expect(runs.a.skipped_updates).toBe(1);
    expect(runs.b.skipped_updates).toBe(0);
    await session.close();
  });

  /** Trains to the end with the flat weights of arm a broken after the first step. */
  async function trainBroken(damage: (weights: Float32Array) => void) {
    const opened = await open([arm('a'), arm('b', { seed: 9 })]);
    const { session, lockstep, until, of } = opened;
    session.step();
    await until('paused');
    const [state] = await lockstep.save();
    damage(state.runs[0].weights);
    lockstep.restore([state]);
    session.run();
    await vi.waitFor(() => expect(of('failed')).toHaveLength(1), { timeout: 60_000 });
    await session.close();
    return { ...opened, failure: of('failed')[0].failure };
  }

  test('three steps without an update end the training; the tensor is named, and nothing of it is saved', async () => {
    const { failure, of } = await trainBroken((weights) => {
      weights[parameterLayout(policy.spec).layers[1].down] = NaN;
    });
    expect(failure).toEqual({
      kind: 'nonfinite',
      arm: 'a',
      step: 4,
      of: 'weights',
      tensor: 'model.layers.1.mlp.down_proj.weight',
    });
    // The save after the first step stays the last: what came later is no state to go back to.
    expect(of('saved').map(({ step }) => step)).toEqual([1]);
    const skipped = of('metrics').map(({ runs }) => [
      runs.a.skipped_updates,
      runs.b.skipped_updates,
    ]);
    expect(skipped.slice(1, 4)).toEqual([1, 2, 3].map(() => [1, 0]));
  });
});

describe('what a session saves', () => {
  /** Steps a session to `step` and gives its last save. */
  async function saved(arms: readonly NamedRun[], step: number) {
    const { session, until, of } = await open(arms);
    for (let i = 1; i <= step; i++) {
      session.step();
      await until('paused', i);
    }
    await session.close();
    const last = of('saved').at(-1);
    if (last === undefined) throw new Error('nothing was saved');
    return last;
  }

  /** Takes runs up from a save and trains them to the end; the metrics by run, and the last save. */
  async function finish(arms: readonly NamedRun[], from?: From) {
    const { session, until, of } = await open(arms);
    if (from) session.continueFrom(from);
    await session.showBase();
    session.announce();
    session.run();
    await until('finished');
    await session.close();
    const rows = (id: string) =>
      of('metrics').flatMap(({ runs }) => (id in runs ? [runs[id]] : []));
    const end = of('saved').at(-1);
    return { rows, told: of('paused')[0]?.step, end: end && readRuns(end.bytes).runs };
  }

  const guided = {
    positive_weight_schedule: {
      kind: 'entropy-guided-relative',
      fraction: 0.9,
      delta: 0.1,
      initial: 0.5,
    },
  } as const;

  test('goes on with the same numbers and ends with the same bits as runs that never stopped', async () => {
    const arms = [arm('a'), arm('b', { ...guided, epochs: 2 })];
    const whole = await finish(arms);
    const save = await saved(arms, 3);
    expect(save.step).toBe(3);
    const resumed = await finish(arms, { bytes: save.bytes, of: {}, missing: [] });
    expect(resumed.told).toBe(3);
    for (const id of ['a', 'b']) {
      expect(resumed.rows(id).map(({ step }) => step)).toEqual([4, 5]);
      expect(resumed.rows(id)).toEqual(whole.rows(id).slice(3));
      expect(resumed.end?.get(id)).toEqual(whole.end?.get(id));
    }
  });

  test('can be forked: unchanged it repeats its parent, changed it leaves it from that step on', async () => {
    const parents = [arm('a'), arm('b', guided)];
    const { bytes } = await saved(parents, 2);
    const arms = [
      arm('parent', guided),
      arm('same', guided),
      arm('other', { ...guided, positive_weight_schedule: { kind: 'constant' } }),
      arm('shape', { ...guided, minibatches: 2 }),
    ];
    const of = { parent: 'b', same: 'b', other: 'b', shape: 'b' };
    const straight = await finish(parents, { bytes, of: {}, missing: [] });
    const forked = await finish(arms, { bytes, of, missing: [] });
    for (const id of ['parent', 'same']) {
      expect(forked.rows(id)).toEqual(straight.rows('b'));
      expect(forked.end?.get(id)?.weights).toEqual(straight.end?.get('b')?.weights);
    }
    const first = (id: string) => forked.rows(id)[0];
    // The same policy on the same prompts with the same draws; only the update differs.
    for (const id of ['other', 'shape']) {
      expect(first(id).entropy).toBe(first('parent').entropy);
      expect(forked.rows(id)[1].entropy).not.toBe(forked.rows('parent')[1].entropy);
    }
    expect(first('other').positive_weight).toBe(1);
    expect(first('shape').updates).toBe(first('parent').updates + 1);
  });

  test('can be come to again: the same bits from a save before it, or from the base policy', async () => {
    const change = { run: 'b', setting: 'clip_low', value: 0.01, step: 3 } as const;
    const arms = [arm('a'), arm('b', { ...guided, minibatches: 2 })];
    const { session, until, of } = await open(arms);
    for (let i = 1; i <= 4; i++) {
      if (i === change.step) session.set('b', change.setting, change.value);
      session.step();
      await until('paused', i);
    }
    await session.close();
    const rows = of('metrics').map(({ runs }) => runs.b);
    const at = (step: number) => of('saved').find((save) => save.step === step)!.bytes;
    const told: [number, number][] = [];
    for (const bytes of [null, at(1)]) {
      const again = await Lockstep.create(await testGpu(), [
        { arm: 'b', recipe: arms[1].recipe, policy },
      ]);
      const past = { b: rows.slice(bytes === null ? 0 : 1) };
      const plan = { bytes, runs: [arms[1]], changes: [change], past, step: 4 };
      const tell = (done: number, total: number) => void told.push([done, total]);
      const state = await retrace(again, plan, tell, () => true);
      again.destroy();
      expect(readRuns(state!).step).toBe(4);
      expect(readRuns(state!).runs.get('b')).toEqual(readRuns(at(4)).runs.get('b'));
    }
    expect(told).toEqual([...[0, 1, 2, 3].map((n) => [n, 4]), ...[0, 1, 2].map((n) => [n, 3])]);
  });

  test('is refused where a step has other numbers than it had', async () => {
    const again = await Lockstep.create(await testGpu(), [
      { arm: 'a', recipe: arm('a').recipe, policy },
    ]);
    const past = { a: [{ entropy: 1, grad_norm: 1 }] };
    const plan = { bytes: null, runs: [arm('a')], changes: [], past, step: 2 };
    await expect(
      retrace(
        again,
        plan,
        () => undefined,
        () => true,
      ),
    ).rejects.toThrow(/trained again, step 1 has other numbers than it had/);
    again.destroy();
  });

  test('is given up on the way there once nobody waits for it', async () => {
    const again = await Lockstep.create(await testGpu(), [
      { arm: 'a', recipe: arm('a').recipe, policy },
    ]);
    const plan = { bytes: null, runs: [arm('a')], changes: [], past: {}, step: 4 };
    const none = await retrace(
      again,
      plan,
      () => undefined,
      () => again.step < 2,
    );
    expect([none, again.step]).toEqual([null, 2]);
    again.destroy();
  });

  test('what the plan asked for at the step of the save, and is missing, comes before the next step', async () => {
    const arms = [arm('a')];
    const plans: Plans = {
      evaluate: { every: 2, prompts: 2, samples: 2 },
      measure: { at: [2], kinds: ['probe'], prompts: 2, samples: 2 },
    };
    const { bytes } = await saved(arms, 2);
    const told = async (missing: From['missing']) => {
      const { session, events, until } = await open(arms, plans);
      session.continueFrom({ bytes, of: {}, missing });
      session.step();
      await until('paused');
      await session.close();
      return events.flatMap((event) =>
        event.type === 'evaluation' || event.type === 'measurement' || event.type === 'metrics'
          ? [`${event.type} ${event.step}`]
          : [],
      );
    };
    const all = await told(['evaluation', 'measurement']);
    expect(all).toEqual(['evaluation 2', 'measurement 2', 'metrics 3']);
    expect(await told([])).toEqual(['metrics 3']);
  });

  test('is refused where the policy is another one or a run is not in it, and shows no prompts to come', async () => {
    const { bytes } = await saved([arm('a')], 1);
    const { session, lockstep, of } = await open([arm('a'), arm('b')]);
    expect(() => session.continueFrom({ bytes, of: {}, missing: [] })).toThrow(/holds no state/);
    expect(() =>
      session.continueFrom({ bytes: bytes.slice(0, -4), of: { b: 'a' }, missing: [] }),
    ).toThrow(/past the end of the file/);
    expect(lockstep.step).toBe(0);
    session.continueFrom({ bytes, of: { b: 'a' }, missing: [] });
    expect(lockstep.step).toBe(1);
    // What step 1 answered is the page's to show; answers to the prompts of step 2 would pass for them.
    await session.showBase();
    expect(of('rollouts')).toEqual([]);
    await session.close();
  });
});

describe('watching a run', () => {
  const changes = { minibatches: 4, epochs: 2, learning_rate: 3e-3 };

  test('does not change the training, whatever is watched', async () => {
    const arms = () => [arm('a', changes), arm('b', { ...changes, positive_weight: 0 })];
    const [plain, watched] = [await open(arms()), await open(arms())];
    for (const { session, until } of [plain, watched]) {
      const isWatched = session === watched.session;
      await session.showBase();
      if (isWatched) session.watch('b', 1);
      session.step();
      await until('paused');
      if (isWatched) session.watch('a', 0);
      session.run();
      await until('finished');
      await session.close();
    }
    expect(watched.of('failed')).toEqual([]);
    const rows = ({ of }: typeof plain) =>
      ['a', 'b'].map((id) => of('metrics').flatMap(({ runs }) => (id in runs ? [runs[id]] : [])));
    expect(rows(watched)).toEqual(rows(plain));
  });

  test('shows each token before and after the updates, at the prompt that was asked for', async () => {
    const { session, until, of, lockstep } = await open([arm('a', changes), arm('b', changes)]);
    await session.showBase();
    session.watch('a', 1);
    await until('rollouts', 2);
    const base = of('rollouts')[1].groups;
    expect(base.map(({ place }) => place)).toEqual([
      { prompt: 1, of: 2 },
      { prompt: 1, of: 2 },
    ]);
    expect(base[0].rollouts[0].look?.after).toBeNull();
    expect(base[1].rollouts[0].look).toBeUndefined();

    session.step();
    await until('paused');
    const group = of('rollouts').at(-1)!.groups[0];
    const vocabulary = lockstep.task(0).vocabulary;
    const V = vocabulary.length;
    expect(group.step).toBe(1);
    let moved = 0;
    for (const { tokens, logprob, entropy, look } of group.rollouts) {
      const after = look!.after!;
      tokens.forEach((token, t) => {
        const chosen = vocabulary.indexOf(token);
        const row = Array.from(look!.before as Float32Array).slice(t * V, (t + 1) * V);
        const nats = row.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
        expect(row[chosen]).toBeCloseTo(Math.exp(logprob[t]), 4);
        expect(nats).toBeCloseTo(entropy[t], 3);
        const later = after.distribution[t * V + chosen];
        expect(later).toBeCloseTo(Math.exp(after.logprob[t]), 4);
        expect(after.ratio[t]).toBeCloseTo(later / row[chosen], 3);
        moved = Math.max(moved, Math.abs(later - row[chosen]));
      });
    }
    expect(moved).toBeGreaterThan(0.01);
    // The base policy's answers to the same prompts were the step's rollouts: the same draws, by the same weights.
    expect(group.rollouts.map(({ tokens }) => tokens)).toEqual(
      base[0].rollouts.map(({ tokens }) => tokens),
    );
    expect(Array.from(group.rollouts[0].look!.before as Float32Array)).toEqual(
      Array.from(base[0].rollouts[0].look!.before as Float32Array),
    );
    await session.close();
  });
});
