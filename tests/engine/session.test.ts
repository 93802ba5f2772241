import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Lockstep } from '../../src/engine/lockstep';
import { readPolicy } from '../../src/model/policy';
import { completeRecipe } from '../../src/recipe/schema';
import type { Recipe } from '../../src/recipe/recipe';
import type { NamedRun, Event } from '../../src/worker/protocol';
import { Session } from '../../src/worker/session';
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

async function open(arms: readonly NamedRun[]) {
  const events: Event[] = [];
  const lockstep = await Lockstep.create(
    await testGpu(),
    arms.map(({ name, recipe }) => ({ arm: name, recipe, policy })),
  );
  let notify = () => {};
  const session = new Session(1, arms, lockstep, (event) => {
    events.push(event);
    notify();
  });
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
});
