import { describe, expect, test } from 'vitest';
import type { Lockstep } from '../../src/engine/lockstep';
import { defaultRecipe } from '../../src/recipe/schema';
import type { Event } from '../../src/worker/protocol';
import { Session } from '../../src/worker/session';

/** A session over an engine whose every operation waits until it is let go; calls that overlap are an error. */
function held(steps = 9) {
  const events: Event[] = [];
  const calls: string[] = [];
  let step = 0;
  let busy = false;
  let release: (() => void) | null = null;
  const wait = async <T>(call: string, result: T) => {
    if (busy) throw new Error(`${call} began while another operation was going on`);
    busy = true;
    calls.push(call);
    await new Promise<void>((resolve) => (release = resolve));
    busy = false;
    return result;
  };
  const lockstep = {
    get step() {
      return step;
    },
    preview: () => wait('preview', undefined),
    next: () => {
      step++;
      return wait('next', []);
    },
    flush: () => wait('flush', []),
    saveRuns: () => wait('saveRuns', { step, runs: [] }),
    batch: () => undefined,
    destroy: () => calls.push('destroy'),
  };
  const arms = [{ id: 'a', name: 'a', recipe: { ...defaultRecipe, steps } }];
  const session = new Session(1, arms, lockstep as unknown as Lockstep, (event) =>
    events.push(event),
  );
  /** Lets operations end, one after another, until `count` have or nothing is under way. */
  const finish = async (count: number) => {
    for (let ended = 0; ended < count; ended++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (release === null) return;
      release();
      release = null;
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  const told = () => events.map(({ type }) => type).filter((type) => type !== 'rollouts');
  return { session, calls, told, finish };
}

describe('commands that come in the middle of something', () => {
  test('run during a step is running, not paused, and can be paused', async () => {
    const { session, told, finish } = held();
    session.step();
    await finish(0);
    session.run();
    await finish(3);
    expect(told()).toEqual(['running']);
    session.pause();
    await finish(9);
    expect(told()).toEqual(['running', 'saved', 'paused']);
  });

  test('steps that are still waiting are dropped when the session closes', async () => {
    const { session, calls, finish } = held();
    for (let press = 0; press < 5; press++) session.step();
    await finish(0);
    const closed = session.close();
    await finish(20);
    await closed;
    expect(calls).toEqual(['next', 'flush', 'destroy']);
  });

  test('a run that is asked for while the base policy answers waits for it', async () => {
    const { session, calls, told, finish } = held(1);
    const shown = session.showBase();
    await finish(0);
    session.run();
    await finish(4);
    await shown;
    expect(calls).toEqual(['preview', 'next', 'flush', 'saveRuns']);
    expect(told()).toEqual(['running', 'saved', 'finished']);
  });
});
