import { paddedDims } from '../model/layout';
import type { ModelSpec } from '../model/spec';
import type { AdapterFacts } from '../recipe/adapter_facts';
import {
  sameLayout,
  type LayoutTiming,
  type ProductLayout,
  type TimedLayout,
} from '../recipe/product_layout';
import { readObject } from '../recipe/untrusted';
import type { Gpu, Profile } from './device';
import { SUBMIT_MS } from './pace';
import { passesOf } from './transformer/buffers';
import type { RunsShape } from './transformer/shapes';

/** Part of every key: raise it when the list below or what matmul.wgsl does changes, and everyone's layouts are timed again. */
const VERSION = 1;

/** The layouts that are timed, likely ones first. Each is two more pipelines to compile, so there are few. */
export const LAYOUTS: readonly ProductLayout[] = [
  { workgroup: 32, rows: 8 },
  { workgroup: 32, rows: 4 },
  { workgroup: 64, rows: 4 },
  { workgroup: 64, rows: 8 },
  { workgroup: 32, rows: 16 },
  { workgroup: 4, rows: 16 },
  { workgroup: 4, rows: 8 },
];

/** A workgroup of fewer leaves lanes of a GPU idle. */
const SMALLEST_SUBGROUP = 32;

export function layoutOf({ matmul, matmulRows }: Profile): ProductLayout {
  return { workgroup: matmul, rows: matmulRows };
}

/** The same device, its products laid out like this. */
export function withLayout(gpu: Gpu, { workgroup, rows }: ProductLayout): Gpu {
  return { ...gpu, profile: { ...gpu.profile, matmul: workgroup, matmulRows: rows } };
}

/** What is worth timing on an adapter, its default first. */
export function candidatesFor({ facts, profile }: Pick<Gpu, 'facts' | 'profile'>): ProductLayout[] {
  const byDefault = layoutOf(profile);
  const others = LAYOUTS.filter(
    (one) => !sameLayout(one, byDefault) && (facts.software || one.workgroup >= SMALLEST_SUBGROUP),
  );
  return [byDefault, ...others];
}

/**
 * Products like those of a step of runs that train together: of one layer and the head, or the part of it that
 * is held at a time. Sizes in numbers, padded.
 */
export interface ProductWork {
  readonly runs: number;
  /** Rows of activations in one pass of an update. */
  readonly rows: number;
  /** Rows of one position of the rollouts, and how many positions are drawn for each pass, about. */
  readonly drawn: number;
  readonly draws: number;
  readonly linears: readonly { readonly out: number; readonly inner: number }[];
}

/** Rows of all runs beyond these make a product longer, not different. */
const MOST_ROWS = 16_384;
const MOST_DRAWS = 16;

export function productWork(spec: ModelSpec, shape: RunsShape): ProductWork {
  const { passRows, passes } = passesOf(shape);
  const { hidden, attention, qkv, intermediate, vocab } = paddedDims(spec);
  const rows = Math.min(passRows * (shape.length - 1), Math.ceil(MOST_ROWS / shape.runs));
  const draws = Math.round(shape.length / (shape.updates * passes));
  return {
    runs: shape.runs,
    rows,
    drawn: Math.min(shape.rows, rows),
    draws: Math.min(MOST_DRAWS, Math.max(1, draws)),
    linears: [
      { out: qkv, inner: hidden },
      { out: hidden, inner: attention },
      { out: 2 * intermediate, inner: hidden },
      { out: hidden, inner: intermediate },
      { out: shape.vocabPart ?? vocab, inner: hidden },
    ],
  };
}

/** Floating-point operations of the work, once. */
export function flopOf({ runs, rows, drawn, draws, linears }: ProductWork): number {
  const weights = linears.reduce((sum, { out, inner }) => sum + out * inner, 0);
  return 2 * runs * weights * (3 * rows + draws * drawn);
}

/** The work with fewer rows, where once through it would be more than a submit may be. */
export function fitting(work: ProductWork, { flopPerMs }: Profile): ProductWork {
  let { rows } = work;
  const cut = () => ({ ...work, rows, drawn: Math.min(work.drawn, rows) });
  while (rows > 1 && flopOf(cut()) > SUBMIT_MS * flopPerMs) rows = Math.ceil(rows / 2);
  return cut();
}

/** Where a timing is kept: one for an adapter and works of about the same size. */
export function layoutKey({ vendor, architecture, description }: AdapterFacts, work: ProductWork) {
  const about = (n: number) => 2 ** Math.round(Math.log2(n));
  const adapter = [vendor, architecture, description].join(' / ');
  const { runs, rows, drawn, draws, linears } = work;
  const sizes = [about(runs * rows), about(runs * drawn), about(draws)].join(' ');
  const widths = linears.map(({ out, inner }) => `${out}x${inner}`).join(' ');
  return `${VERSION}: ${adapter}: ${sizes}: ${widths}`;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const LONGEST_MS = 1e6;
const MOST_SAMPLES = 1000;

/** A timing out of a cache, which anybody may have written to: null unless it is one of this adapter's candidates alone. */
export function readTiming(
  value: unknown,
  gpu: Pick<Gpu, 'facts' | 'profile'>,
): LayoutTiming | null {
  const read = readObject(value, ['date', 'timed'], 'a timing');
  if (!read.ok) return null;
  const [date, list] = [read.value.get('date'), read.value.get('timed')];
  const candidates = candidatesFor(gpu);
  if (typeof date !== 'string' || !DAY.test(date)) return null;
  if (!Array.isArray(list) || list.length > candidates.length) return null;
  const timed: TimedLayout[] = [];
  for (const item of list as readonly unknown[]) {
    const one = readTimed(item, candidates);
    if (one === null || timed.some((other) => sameLayout(one, other))) return null;
    timed.push(one);
  }
  return timed[0] && sameLayout(timed[0], layoutOf(gpu.profile)) ? { date, timed } : null;
}

function readTimed(value: unknown, candidates: readonly ProductLayout[]): TimedLayout | null {
  const keys = ['workgroup', 'rows', 'ms', 'low', 'high', 'samples'];
  const read = readObject(value, keys, 'a timed layout');
  if (!read.ok) return null;
  const number = (key: string) => {
    const own = read.value.get(key);
    return typeof own === 'number' ? own : NaN;
  };
  const [ms, low, high, samples] = [number('ms'), number('low'), number('high'), number('samples')];
  const layout = candidates.find(
    ({ workgroup, rows }) =>
      workgroup === read.value.get('workgroup') && rows === read.value.get('rows'),
  );
  if (layout === undefined || !(low > 0 && low <= ms && ms <= high && high <= LONGEST_MS))
    return null;
  if (!Number.isInteger(samples) || samples < 1 || samples > MOST_SAMPLES) return null;
  return { ...layout, ms, low, high, samples };
}
