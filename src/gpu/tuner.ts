import {
  fastestOf,
  sameLayout,
  type LayoutTiming,
  type ProductLayout,
  type TimedLayout,
} from '../recipe/product_layout';
import type { Gpu } from './device';
import { matmulConstants, matmulGradients, matmulNT } from './kernels/matmul';
import {
  candidatesFor,
  fitting,
  layoutKey,
  readTiming,
  withLayout,
  type ProductWork,
} from './layouts';
import { SUBMIT_MS } from './pace';
import type { Plan } from './plan';
import { clockOf, timeTogether } from './timing';
import { TimedProducts, type CompiledLayout } from './timed_products';
import { kernelCache } from './transformer/kernels';

/** How long a timing may take. */
export interface Effort {
  /** Milliseconds after which no further layout is compiled. */
  readonly compileMs: number;
  /** Milliseconds of the samples, about; twice as many end it. */
  readonly timeMs: number;
}

/** Before the first training on a GPU, and where somebody asked and waits. */
export const AT_START: Effort = { compileMs: 1500, timeMs: 300 };
export const WHEN_ASKED: Effort = { compileMs: 60_000, timeMs: 10_000 };

/** Who waits for a timing. */
export interface Watch {
  readonly cancelled: () => boolean;
  /** Layouts that are compiled, or were given up, of all. */
  readonly progress: (done: number, total: number) => void;
}

/** Keeps what timings have found, by `layoutKey`. What comes back is checked. */
export interface TimingCache {
  get(key: string): unknown;
  set(key: string, timing: LayoutTiming): void;
}

/** The timing for this work: from the cache, or made now where the adapter is a GPU. Null: none, so the default holds. */
export async function timingFor(
  gpu: Gpu,
  work: ProductWork,
  cache: TimingCache,
  watch: Watch,
): Promise<LayoutTiming | null> {
  const key = layoutKey(gpu.facts, work);
  const kept = readTiming(cache.get(key), gpu);
  // Compiling the candidates takes a CPU rasteriser seconds, and its default was measured.
  if (kept !== null || gpu.facts.software) return kept;
  const timing = await timeLayouts(gpu, work, AT_START, watch);
  if (timing !== null) cache.set(key, timing);
  return timing;
}

/**
 * Times the products of `work` in every layout that is worth it, in turn. Null where it was cancelled or too little was
 * measured. A layout that gives other bits than the default is left out. Throws RlvrError where buffers do not fit.
 */
export async function timeLayouts(
  gpu: Gpu,
  wanted: ProductWork,
  { compileMs, timeMs }: Effort,
  { cancelled, progress }: Watch,
): Promise<LayoutTiming | null> {
  const compiled = await compile(gpu, compileMs, { cancelled, progress });
  if (compiled.length < 2 || cancelled()) return null;
  const products = await TimedProducts.create(gpu, fitting(wanted, gpu.profile));
  try {
    const plans = compiled.map((candidate) => products.plan(candidate));
    const [first] = plans;
    if (first === undefined) return null;
    const repeats = await repeatsOf(gpu, plans, timeMs);
    const clock = clockOf(gpu.device);
    const samples = await takeTurns(
      plans.length,
      (i) => timeTogether(gpu, plans[i] ?? first, repeats, clock),
      { timeMs, cancelled },
    );
    if (cancelled() || samples[0]?.length === 0) return null;
    const timed = compiled.flatMap(({ layout }, i) => {
      const own = samples[i] ?? [];
      return own.length === 0 ? [] : [{ ...layout, ...spreadOf(own.map((ms) => ms / repeats)) }];
    });
    const timing = { date: new Date().toISOString().slice(0, 10), timed };
    return await withoutOtherBits(timing, (one) => {
      const place = compiled.findIndex(({ layout }) => sameLayout(layout, one));
      return products.sameBits(first, plans[place] ?? first);
    });
  } finally {
    products.destroy();
  }
}

/** Leaves the fastest out for as long as it does not compute the same numbers as the default. */
async function withoutOtherBits(
  timing: LayoutTiming,
  same: (layout: ProductLayout) => Promise<boolean>,
): Promise<LayoutTiming> {
  const { timed } = timing;
  const best = fastestOf(timing);
  if (best === null || best === timed[0] || (await same(best))) return timing;
  return withoutOtherBits({ ...timing, timed: timed.filter((one) => one !== best) }, same);
}

/** One layout after the other, so that little is under way when time is up; what a device refuses is left out. */
async function compile(
  gpu: Gpu,
  compileMs: number,
  { cancelled, progress }: Watch,
): Promise<CompiledLayout[]> {
  const cache = kernelCache(gpu.device);
  const until = performance.now() + compileMs;
  const found: CompiledLayout[] = [];
  const layouts = candidatesFor(gpu);
  for (const [i, layout] of layouts.entries()) {
    const left = until - performance.now();
    if (left <= 0 || cancelled()) break;
    const constants = matmulConstants(withLayout(gpu, layout).profile);
    const both = Promise.all([
      cache.get(matmulNT, constants),
      cache.get(matmulGradients, constants),
    ]);
    const kernels = await within(left, both);
    if (kernels !== null) found.push({ layout, product: kernels[0], gradients: kernels[1] });
    // Without the default there is nothing to compare with.
    else if (i === 0) return [];
    progress(i + 1, layouts.length);
  }
  return found;
}

/** The result, or null where there is none after so many milliseconds. */
async function within<T>(ms: number, result: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)));
  try {
    return await Promise.race([result.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}

const MOST_ROUNDS = 9;
/** What a clock may take for nothing. */
const SHORTEST_MS = 0.05;
/** Rounds that the time is meant for. */
const ROUNDS = 7;
/** What took so many times as long as the fastest in the first round is not timed again, unless it is the default. */
const HOPELESS = 4;

/**
 * Samples of each of `count` things, in turn and beginning with another one in each round, so that what else the machine
 * does meets all of them. Ends after nine rounds, with the first round after `timeMs`, or at once after twice that.
 */
export async function takeTurns(
  count: number,
  sample: (index: number) => Promise<number>,
  {
    timeMs,
    cancelled,
    now = () => performance.now(),
  }: { timeMs: number; cancelled: () => boolean; now?: () => number },
): Promise<number[][]> {
  const samples = Array.from({ length: count }, (): number[] => []);
  const began = now();
  for (let round = 0; round < MOST_ROUNDS && now() - began < timeMs; round++) {
    const fastest = Math.min(...samples.flatMap(([first]) => first ?? []));
    for (let turn = 0; turn < count; turn++) {
      const index = (turn + round) % count;
      const own = samples[index] ?? [];
      if (index > 0 && (own[0] ?? 0) > HOPELESS * fastest) continue;
      if (cancelled() || now() - began > 2 * timeMs) return samples;
      const ms = await sample(index);
      if (ms > 0 && Number.isFinite(ms)) own.push(ms);
    }
  }
  return samples;
}

/** Runs every plan, which also warms it up, and says how often one is to be repeated in a sample. */
async function repeatsOf(gpu: Gpu, plans: readonly Plan[], timeMs: number): Promise<number> {
  for (const plan of plans) await timeTogether(gpu, plan, 1, 'wall');
  const [first] = plans;
  const once = first ? await timeTogether(gpu, first, 1, 'wall') : SUBMIT_MS;
  const sample = Math.min(SUBMIT_MS, timeMs / (ROUNDS * plans.length));
  return Math.max(1, Math.floor(sample / Math.max(once, SHORTEST_MS)));
}

/** Median and quartiles, each of them one of the samples. */
export function spreadOf(samples: readonly number[]): Omit<TimedLayout, keyof ProductLayout> {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (place: number) => sorted[place] ?? NaN;
  const n = sorted.length;
  return {
    ms: at(Math.floor(n / 2)),
    low: at(Math.floor(n / 4)),
    high: at(Math.ceil((3 * n) / 4) - 1),
    samples: n,
  };
}
