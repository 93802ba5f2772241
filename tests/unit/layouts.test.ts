import { beforeEach, describe, expect, test, vi } from 'vitest';
import { profileOf, type Gpu } from '../../src/gpu/device';
import {
  candidatesFor,
  fitting,
  flopOf,
  layoutKey,
  LAYOUTS,
  layoutOf,
  productWork,
  readTiming,
  withLayout,
  type ProductWork,
} from '../../src/gpu/layouts';
import { SUBMIT_MS } from '../../src/gpu/pace';
import { spreadOf, takeTurns, timingFor } from '../../src/gpu/tuner';
import { fastestOf, type LayoutTiming } from '../../src/recipe/product_layout';
import { serveLayouts, stopTimingLayouts, timeLayouts, useLayouts } from '../../src/store/layouts';
import { layoutText, reasonOf } from '../../src/ui/kernels/layout_words';
import type { Event } from '../../src/worker/protocol';

/** The stores look for it once, when they are made. */
const stored = vi.hoisted(() => {
  const items = new Map([
    ['rlvr-layouts', '{"state":{"kept":{"earlier":7,"__proto__":8},"more":1},"version":1}'],
  ]);
  const localStorage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (value.includes('too much')) throw new Error('QuotaExceededError');
      items.set(key, value);
    },
  };
  vi.stubGlobal('window', { localStorage });
  return items;
});

const adapter = (software: boolean) => {
  const facts = { vendor: 'v', architecture: 'a', description: 'd', software };
  return { facts, profile: profileOf(facts) } as Gpu;
};
const GPU = adapter(false);
const [FIRST, SECOND, THIRD] = candidatesFor(GPU);

const timingOf = (...ms: number[]): LayoutTiming => ({
  date: '2026-11-21',
  timed: ms.map((own, i) => ({
    ...candidatesFor(GPU)[i],
    ms: own,
    low: 0.98 * own,
    high: 1.02 * own,
    samples: 5,
  })),
});

describe('the choice', () => {
  test.each([
    ['nothing is faster', [10, 10.5, 12], FIRST],
    ['a tie', [10, 10, 10], FIRST],
    ['less than 10%', [10, 9.1, 9.2], FIRST],
    ['10%', [11, 10, 10.5], SECOND],
    ['the fastest of several', [20, 10, 9], THIRD],
    ['the first of equal ones', [20, 9, 9], SECOND],
    ['the default alone', [10], FIRST],
  ])('%s', (_, ms, layout) => {
    expect(fastestOf(timingOf(...ms))).toMatchObject(layout);
  });

  test('needs quartiles that lie apart: a busy machine does not choose', () => {
    const { date, timed } = timingOf(20, 10);
    const [byDefault, other] = timed;
    const spread = (low: number, high: number) =>
      fastestOf({
        date,
        timed: [
          { ...byDefault, low },
          { ...other, high },
        ],
      });
    expect(spread(12, 11)).toMatchObject(SECOND);
    expect(spread(12, 12)).toMatchObject(FIRST);
    expect(spread(9, 30)).toMatchObject(FIRST);
  });

  test('needs five samples of both, and something to choose from', () => {
    const { date, timed } = timingOf(20, 10);
    const few = (place: number) => ({
      date,
      timed: timed.map((one, i) => (i === place ? { ...one, samples: 4 } : one)),
    });
    expect(fastestOf(few(0))).toMatchObject(FIRST);
    expect(fastestOf(few(1))).toMatchObject(FIRST);
    expect(fastestOf({ date, timed: [] })).toBeNull();
  });

  test('both defaults are timed; a GPU leaves out workgroups that fill no subgroup', () => {
    for (const one of [GPU, adapter(true)]) {
      const [byDefault, ...others] = candidatesFor(one);
      expect(byDefault).toEqual(layoutOf(one.profile));
      expect(LAYOUTS).toContainEqual(byDefault);
      expect(others).not.toContainEqual(byDefault);
      expect(others.length).toBeGreaterThan(2);
    }
    expect(candidatesFor(GPU).every(({ workgroup }) => workgroup >= 32)).toBe(true);
    expect(candidatesFor(adapter(true))).toHaveLength(LAYOUTS.length);
    expect(LAYOUTS.every(({ rows }) => rows % 4 === 0)).toBe(true);
  });

  test('changes the products of a device and nothing else', () => {
    const { profile, ...others } = withLayout(GPU, { workgroup: 64, rows: 4 });
    expect(profile).toEqual({ ...GPU.profile, matmul: 64, matmulRows: 4 });
    expect(others).toEqual({ facts: GPU.facts });
  });
});

describe('samples in turn', () => {
  /** A clock that a sample of the thing takes so many milliseconds of. */
  const machine = (ms: readonly number[]) => {
    let at = 0;
    const order: number[] = [];
    const sample = (i: number) => {
      order.push(i);
      at += ms[i];
      return Promise.resolve(ms[i]);
    };
    return { order, sample, now: () => at };
  };
  const never = () => false;

  test('another one begins each round, until the time is spent', async () => {
    const { order, sample, now } = machine([1, 1, 1]);
    const samples = await takeTurns(3, sample, { timeMs: 7, cancelled: never, now });
    expect(order).toEqual([0, 1, 2, 1, 2, 0, 2, 0, 1]);
    expect(samples.map((own) => own.length)).toEqual([3, 3, 3]);
  });

  test('nine rounds are the most, and twice the time ends it within a round', async () => {
    const quick = machine([0.001, 0.001]);
    const many = await takeTurns(2, quick.sample, {
      timeMs: 300,
      cancelled: never,
      now: quick.now,
    });
    expect(many.map((own) => own.length)).toEqual([9, 9]);
    const slow = machine([100, 100, 100]);
    await takeTurns(3, slow.sample, { timeMs: 40, cancelled: never, now: slow.now });
    expect(slow.order).toEqual([0]);
  });

  test('what is hopelessly slow is timed once, the default always', async () => {
    const one = machine([1, 5, 1]);
    const samples = await takeTurns(3, one.sample, { timeMs: 12, cancelled: never, now: one.now });
    expect(samples.map((own) => own.length)).toEqual([4, 1, 4]);
    const other = machine([5, 1, 1]);
    const again = await takeTurns(3, other.sample, {
      ...{ timeMs: 20, cancelled: never, now: other.now },
    });
    expect(again.map((own) => own.length)).toEqual([3, 3, 3]);
  });

  test('ends when it is cancelled, and takes no time that is none', async () => {
    let left = 4;
    const one = machine([1, 1]);
    await takeTurns(2, one.sample, { timeMs: 100, cancelled: () => left-- === 0, now: one.now });
    expect(one.order).toHaveLength(4);
    const odd = machine([0, NaN]);
    expect(await takeTurns(2, odd.sample, { timeMs: 1, cancelled: never, now: odd.now })).toEqual([
      [],
      [],
    ]);
  });

  test('median and quartiles are samples', () => {
    expect(spreadOf([9, 1, 2])).toEqual({ ms: 2, low: 1, high: 9, samples: 3 });
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ ms: 3, low: 2, high: 4, samples: 5 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ ms: 3, low: 2, high: 3, samples: 4 });
    expect(spreadOf([7])).toEqual({ ms: 7, low: 7, high: 7, samples: 1 });
  });
});

const SPEC = {
  ...{ vocab_size: 15, hidden_size: 30, intermediate_size: 50, num_hidden_layers: 2 },
  ...{ num_attention_heads: 2, num_key_value_heads: 1, max_position_embeddings: 24 },
  ...{ rms_norm_eps: 1e-5, rope_theta: 1e4, tie_word_embeddings: false },
};
const SHAPE = {
  ...{ runs: 2, rows: 64, length: 25, promptLength: 8, minibatchRows: 32, passRows: 16 },
  ...{ updates: 2, eos: 0 },
};

describe('the products that are timed', () => {
  const work = productWork(SPEC, SHAPE);

  test('are those of a layer and the head, padded, with the share of a pass in the rollouts', () => {
    expect(work).toEqual({
      ...{ runs: 2, rows: 16 * 24, drawn: 64, draws: 6 },
      linears: [
        { out: 64, inner: 32 },
        { out: 32, inner: 32 },
        { out: 104, inner: 32 },
        { out: 32, inner: 52 },
        { out: 16, inner: 32 },
      ],
    });
    expect(flopOf(work)).toBe(2 * 2 * 8576 * (3 * 384 + 6 * 64));
    const part = productWork(SPEC, { ...SHAPE, vocabPart: 8 });
    expect(part.linears.at(-1)).toEqual({ out: 8, inner: 32 });
    const many = productWork(SPEC, { ...SHAPE, runs: 64, length: 1000, updates: 1 });
    expect(many.rows * many.runs).toBeLessThanOrEqual(16_384);
    expect(many.draws).toBe(16);
  });

  test('take no more than a submit may, by estimate', () => {
    const profile = { ...GPU.profile, flopPerMs: 1e5 };
    const less = fitting(work, profile);
    expect(flopOf(less)).toBeLessThanOrEqual(SUBMIT_MS * 1e5);
    expect(less.drawn).toBeLessThanOrEqual(less.rows);
    expect(fitting(work, { ...profile, flopPerMs: 1e9 })).toEqual(work);
    expect(fitting(work, { ...profile, flopPerMs: 1e-9 }).rows).toBe(1);
  });

  test('are told apart by adapter, widths and size, but not by a few rows', () => {
    const key = (change: Partial<ProductWork>, facts = GPU.facts) =>
      layoutKey(facts, { ...work, ...change });
    expect(key({ rows: 400 })).toBe(key({}));
    const others = [
      key({ rows: 2 * work.rows }),
      key({ runs: 8 }),
      key({ drawn: 8 }),
      key({ linears: work.linears.slice(1) }),
      key({}, { ...GPU.facts, architecture: 'b' }),
      key({}, { ...GPU.facts, description: 'e' }),
    ];
    expect(new Set([key({}), ...others]).size).toBe(1 + others.length);
  });
});

describe('a kept timing', () => {
  const good = timingOf(20, 10, 30);
  const [a, b] = good.timed;
  const cache = new Map<string, unknown>();
  const work = productWork(SPEC, SHAPE);

  test('is taken as it is', () => {
    expect(readTiming(JSON.parse(JSON.stringify(good)), GPU)).toEqual(good);
  });

  test.each([
    ['nothing', undefined],
    ['a text', '32x8'],
    ['a list', [good]],
    ['an unknown key', { ...good, more: 1 }],
    ['no date', { timed: good.timed }],
    ['an odd date', { ...good, date: '<b>' }],
    ['no times', { ...good, timed: [] }],
    ['times that are no list', { ...good, timed: { 0: a } }],
    ['more times than candidates', { ...good, timed: Array(99).fill(a) }],
    ['a layout twice', { ...good, timed: [a, b, b] }],
    ['another default', { ...good, timed: [b, a] }],
    ['a layout that is no candidate', { ...good, timed: [a, { ...b, workgroup: 4, rows: 16 }] }],
    ['a layout that cannot be', { ...good, timed: [a, { ...b, workgroup: 1e9 }] }],
    ['rows that are a text', { ...good, timed: [a, { ...b, rows: '4' }] }],
    ['a layout with more', { ...good, timed: [a, { ...b, note: 'x' }] }],
    ['no time at all', { ...good, timed: [a, { ...b, ms: 0 }] }],
    ['an endless time', { ...good, timed: [a, { ...b, ms: Infinity }] }],
    ['a time that is null', { ...good, timed: [a, { ...b, ms: null }] }],
    ['a median outside its quartiles', { ...good, timed: [a, { ...b, low: 11 }] }],
    ['quartiles that are missing', { ...good, timed: [a, { ...b, high: undefined }] }],
    ['half a sample', { ...good, timed: [a, { ...b, samples: 0.5 }] }],
    ['no sample', { ...good, timed: [a, { ...b, samples: 0 }] }],
    ['one of a software adapter', { ...good, timed: [{ ...a, workgroup: 4, rows: 16 }] }],
  ])('with %s is none', (_, value) => {
    expect(readTiming(value, GPU)).toBeNull();
  });

  test('is used instead of timing; a broken one on a software adapter means the default', async () => {
    // Neither has a device: timing anything would throw.
    const watch = { cancelled: () => false, progress: () => undefined };
    cache.set(layoutKey(GPU.facts, work), good);
    expect(await timingFor(GPU, work, cache, watch)).toEqual(good);
    const software = adapter(true);
    cache.set(layoutKey(software.facts, work), good);
    expect(await timingFor(software, work, cache, watch)).toBeNull();
  });
});

describe('the page', () => {
  let sent: unknown[] = [];
  let tell: (event: Event) => void = () => undefined;
  const serve = () =>
    serveLayouts({
      keptTimings: (kept) => sent.push(kept),
      timeLayouts: () => sent.push('time'),
      stopTimingLayouts: () => sent.push('stop'),
      subscribe: (listener) => {
        tell = listener;
        return () => undefined;
      },
    });
  const layout = (timing: LayoutTiming | null, key = 'k'): Event => ({
    ...{ type: 'layout', inUse: FIRST, timing, key, failure: null },
  });

  beforeEach(() => {
    sent = [];
    serve();
  });

  test('asks, stops, and is done with the answer', () => {
    // As it was found: the worker judges it.
    expect(sent).toEqual([JSON.parse('{"earlier":7,"__proto__":8}')]);
    timeLayouts();
    expect(useLayouts.getState().timing).toBe(true);
    stopTimingLayouts();
    expect(sent.slice(1)).toEqual(['time', 'stop']);
    tell(layout(null));
    expect(useLayouts.getState()).toMatchObject({ timing: false, told: { inUse: FIRST } });
    timeLayouts();
    tell({ type: 'failed', session: 1, failure: { kind: 'noAdapter' } });
    expect(useLayouts.getState().timing).toBe(false);
  });

  test('keeps the newest timings and tells them to the next worker', () => {
    for (let i = 0; i < 40; i++) tell(layout(timingOf(20, 10 + i), `k${i}`));
    tell(layout(timingOf(3, 2), 'k20'));
    serve();
    const kept = sent.at(-1) as Record<string, LayoutTiming>;
    expect(Object.keys(kept)).toHaveLength(32);
    expect(kept['k20']).toEqual(timingOf(3, 2));
    expect(kept).not.toHaveProperty('k7');
    expect(stored.get('rlvr-layouts')).toContain('"k39"');
  });

  test('goes on where the storage is full', () => {
    tell(layout(timingOf(2, 1), 'too much'));
    expect(useLayouts.getState().told?.key).toBe('too much');
  });

  test('says why in words', () => {
    const said = (timing: LayoutTiming | null, inUse = FIRST, software = false) =>
      reasonOf({ inUse, timing }, software);
    expect(layoutText(FIRST)).toBe('32 invocations a workgroup, 8 rows each');
    expect(said(null)).toBe('default for graphics processors');
    expect(said(null, FIRST, true)).toBe('default for CPU rasterisers');
    expect(said(timingOf(10, 10))).toBe(
      'default for graphics processors; by timing on 2026-11-21 no other layout is 10% faster beyond doubt',
    );
    expect(said(timingOf(12, 10), SECOND)).toBe(
      'chosen by timing on 2026-11-21: 1.20x the default',
    );
    expect(said(timingOf(12, 10), FIRST)).toBe(
      'until Reset. From then on 32 invocations a workgroup, 4 rows each, 1.20 times as fast as the default by timing on 2026-11-21',
    );
  });
});
