import { describe, expect, test } from 'vitest';
import { SaveClock } from '../../src/engine/save_clock';

/** A clock of 80 steps over a time that the test turns. */
function clock(step = 0) {
  const time = { ms: 0 };
  const saves = new SaveClock(step, 80, () => time.ms);
  const save = (at: number, cost = 0) => {
    const began = time.ms;
    time.ms += cost;
    saves.saved(at, began);
  };
  return { time, saves, save };
}

describe('when a running session saves', () => {
  test('every ten seconds, and never a step twice', () => {
    const { time, saves, save } = clock(1);
    time.ms = 9_999;
    expect(saves.isDue(2)).toBe(false);
    time.ms = 10_000;
    expect(saves.isDue(2)).toBe(true);
    save(2);
    time.ms = 30_000;
    expect(saves.isDue(2)).toBe(false);
    expect(saves.isDue(3)).toBe(true);
  });

  test('at an eighth, two eighths, ... of a run that is faster than that', () => {
    const { saves, save } = clock();
    const saved = [];
    for (let step = 1; step <= 80; step++) {
      if (!saves.isDue(step)) continue;
      saved.push(step);
      save(step);
    }
    expect(saved).toEqual([10, 20, 30, 40, 50, 60, 70, 80]);
  });

  test('in at most a twentieth of the time', () => {
    const { time, saves, save } = clock();
    time.ms = 10_000;
    save(5, 2_000);
    time.ms += 39_999;
    expect(saves.isDue(50)).toBe(false);
    time.ms += 1;
    expect(saves.isDue(50)).toBe(true);
  });

  test('at once when it was asked to, and then as before', () => {
    const { saves, save } = clock();
    saves.ask();
    expect(saves.isDue(1)).toBe(true);
    save(1);
    expect(saves.isDue(2)).toBe(false);
  });
});
