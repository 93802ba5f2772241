import { expect, test } from 'vitest';
import { Trainer } from '../../src/engine/trainer';
import { layoutOf, withLayout } from '../../src/gpu/layouts';
import type { ProductLayout } from '../../src/recipe/product_layout';
import { Layouts } from '../../src/worker/layouts';
import type { Event } from '../../src/worker/protocol';
import { testGpu } from '../setup/engine';
import { expectSameBits } from '../setup/kernel';
import { spec } from '../setup/small_runs';

type LayoutEvent = Extract<Event, { type: 'layout' }>;
const waiting = { cancelled: () => false, progress: () => undefined };

/** The weights after two steps. */
async function trained(layout: ProductLayout) {
  const trainer = await Trainer.create(withLayout(await testGpu(), layout), [spec()]);
  try {
    await trainer.next();
    await trainer.next();
    await trainer.flush();
    return await trainer.runs.readParameters('weights', 0);
  } finally {
    trainer.destroy();
  }
}

test('training comes to the same bits in another layout', async () => {
  const [one, other] = [
    { workgroup: 4, rows: 16 },
    { workgroup: 64, rows: 4 },
  ] as const;
  expectSameBits(await trained(other), await trained(one), 'weights');
});

test('a CPU rasteriser keeps its default until somebody asks; what is found then is used and kept', async () => {
  const gpu = await testGpu();
  const software = { ...gpu, facts: { ...gpu.facts, software: true } };
  const layouts = new Layouts();
  const chosen = await layouts.choose(software, [spec()], waiting);
  expect(chosen.profile).toEqual(gpu.profile);
  expect(layouts.event(software)).toMatchObject({ inUse: layoutOf(gpu.profile), timing: null });

  expect(await layouts.time(software, () => true)).toMatchObject({ timing: null, failure: null });
  const found = (await layouts.time(software, () => false)) as LayoutEvent;
  expect(found.timing?.timed.length).toBeGreaterThan(2);
  expect(found.inUse).toEqual(layoutOf(gpu.profile));

  const another = new Layouts();
  another.keep({ [found.key]: found.timing, '': null, other: { timed: [] } });
  await another.choose(software, [spec()], waiting);
  expect(another.event(software)).toMatchObject({ timing: found.timing });
});

test('a GPU is timed before its first training, once, and a broken cache is as good as none', async () => {
  const gpu = await testGpu();
  let compiled = 0;
  const watch = { ...waiting, progress: () => compiled++ };
  const hardware = { ...gpu, facts: { ...gpu.facts, software: false } };
  const layouts = new Layouts();
  const began = performance.now();
  await layouts.choose(hardware, [spec(), spec({ seed: 2 })], watch);
  // A second and a half of compiling, and little more than half a second of samples.
  expect(performance.now() - began).toBeLessThan(15_000);
  const { key, inUse } = layouts.event(hardware) as LayoutEvent;
  expect(layouts.laidOut(gpu).profile).toMatchObject({ matmul: inUse.workgroup });
  expect(compiled).toBeGreaterThan(0);
  compiled = 0;
  await layouts.choose(hardware, [spec(), spec({ seed: 2 })], watch);
  expect(compiled).toBe(0);

  const other = new Layouts();
  other.keep({
    [key]: {
      date: '2026-11-21',
      timed: [{ workgroup: 7, rows: 3, ms: 1, low: 1, high: 1, samples: 5 }],
    },
  });
  await other.choose(hardware, [spec(), spec({ seed: 2 })], watch);
  expect(compiled).toBeGreaterThan(0);
});
