import { expect, test } from 'vitest';
import type { Gpu } from '../../src/gpu/device';
import { CEILING_MS, Pace, SUBMIT_MS } from '../../src/gpu/pace';
import type { Plan } from '../../src/gpu/plan';

/** One floating-point operation takes one millisecond. */
const PROFILE = { flopPerMs: 1, dispatchMs: 0 };

/** A device that notes what each submit holds, and is done with a submit when it is told so. */
function fakeDevice() {
  const submits: string[][] = [];
  const done: (() => void)[] = [];
  let lose: (info: { reason: string; message: string }) => void = () => undefined;
  const device = {
    lost: new Promise((resolve) => (lose = resolve)),
    createCommandEncoder: () => {
      const noted: string[] = [];
      return {
        noted,
        beginComputePass: () => {
          noted.push('pass');
          return { noted, end: () => noted.push('end') };
        },
        finish: () => noted,
      };
    },
    queue: {
      submit: (buffers: string[][]) => submits.push(...buffers),
      onSubmittedWorkDone: () => new Promise<void>((resolve) => done.push(resolve)),
    },
  };
  const gpu = { device, profile: PROFILE } as unknown as Gpu;
  return { submits, done, lose, pace: Pace.of(gpu) };
}

/** A plan of dispatches that take so many milliseconds. */
function plan(name: string, ...flop: number[]): Plan {
  const encode = (pass: { noted: string[] }, from = 0, to = flop.length) => {
    for (let i = from; i < to; i++) pass.noted.push(`${name}${i}`);
  };
  return { flop, encode } as unknown as Plan;
}

const copy = (encoder: GPUCommandEncoder) =>
  void (encoder as unknown as { noted: string[] }).noted.push('copy');

/** Until everything that can go on has gone on. */
const turns = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

test('short work is one submit with one pass, copies in their places, and waits for nothing', async () => {
  const { submits, done, pace } = fakeDevice();
  await pace.submit('update', [copy, plan('a', 5, 5), plan('b', 5), copy]);
  expect(submits).toEqual([['copy', 'pass', 'a0', 'a1', 'b0', 'end', 'copy']]);
  expect(done).toHaveLength(0);
});

test('no submit is longer than the limit, but for a dispatch that is longer itself', async () => {
  const { submits, done, pace } = fakeDevice();
  const work = pace.submit('update', [plan('a', 30, 20, 1), plan('b', 80, 10), copy]);
  for (let i = 0; i < 6; i++) {
    await turns();
    done.shift()?.();
  }
  await work;
  expect(submits).toEqual([
    ['pass', 'a0', 'a1', 'end'],
    ['pass', 'a2', 'end'],
    ['pass', 'b0', 'end'],
    ['pass', 'b1', 'end', 'copy'],
  ]);
});

test('the order is kept whatever the limit cuts', async () => {
  const { submits, done, pace } = fakeDevice();
  const all = Array.from({ length: 37 }, (_, i) => 1 + ((i * 7) % 31));
  const work = pace.submit('long', [plan('a', ...all)]);
  let finished = false;
  void work.then(() => (finished = true));
  while (!finished) {
    await turns();
    done.shift()?.();
  }
  const noted = submits.flat().filter((entry) => entry.startsWith('a'));
  expect(noted).toEqual(all.map((_, i) => `a${i}`));
  expect(submits.length).toBeGreaterThan(5);
});

test('two parts are under way at most', async () => {
  const { submits, done, pace } = fakeDevice();
  const work = pace.submit('long', [plan('a', 50, 50, 50, 50)]);
  await turns();
  expect(submits).toHaveLength(2);
  done.shift()?.();
  await turns();
  expect(submits).toHaveLength(3);
  done.shift()?.();
  await work;
  expect(submits).toHaveLength(4);
});

test('many short submits count together', async () => {
  const { submits, done, pace } = fakeDevice();
  const submitOne = () => pace.submit('short', [plan('a', 10)]);
  for (let i = 0; i < 6; i++) await submitOne();
  expect(done).toHaveLength(2); // three make a part
  const seventh = submitOne();
  await turns();
  expect(submits).toHaveLength(6);
  done.shift()?.();
  await seventh;
  expect(submits).toHaveLength(7);
});

test('after a readback everything is done', async () => {
  const { submits, done, pace } = fakeDevice();
  await pace.submit('long', [plan('a', 50, 50)]);
  pace.settled();
  await pace.submit('long', [plan('a', 50, 50)]);
  expect(submits).toHaveLength(4);
  expect(done).toHaveLength(4);
});

test('what is measured moves the estimate, at once where a submit was far too long', async () => {
  const { done, pace } = fakeDevice();
  await pace.submit('long', [plan('a', SUBMIT_MS)]);
  done.shift()?.();
  await turns();
  expect(pace.flopPerMs).toBeGreaterThan(1); // it took no time at all
  expect(pace.flopPerMs).toBeLessThanOrEqual(Math.SQRT2);

  const slow = fakeDevice();
  await slow.pace.submit('long', [plan('a', SUBMIT_MS)]);
  const started = performance.now();
  while (performance.now() - started < CEILING_MS + 20)
    await new Promise((go) => setTimeout(go, 20));
  slow.done.shift()?.();
  await turns();
  expect(slow.pace.flopPerMs).toBeLessThan(SUBMIT_MS / CEILING_MS);
});

test('a device that is lost ends the wait', async () => {
  const { lose, pace } = fakeDevice();
  const work = pace.submit('long', [plan('a', 50, 50, 50)]);
  await turns();
  lose({ reason: 'unknown', message: 'gone' });
  await expect(work).rejects.toMatchObject({ failure: { kind: 'deviceLost' } });
});
