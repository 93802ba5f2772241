/** How the register-blocked matrix products are spread over a device. Their results do not depend on it. */
export interface ProductLayout {
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /** Rows of outputs that an invocation keeps in registers, 8 numbers of each: a multiple of 4. */
  readonly rows: number;
}

/** A layout as it was timed. */
export interface TimedLayout extends ProductLayout {
  /** Median milliseconds of the same products for every layout. */
  readonly ms: number;
  /** Quartiles: half of the samples lie between. */
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/** What timing the layouts has found; it is cached and shown, and the layout to use follows from it. */
export interface LayoutTiming {
  /** UTC, as 2026-11-21. */
  readonly date: string;
  /** The adapter's default first. */
  readonly timed: readonly TimedLayout[];
}

/** Another layout is taken where the default takes at least so many times longer: less may be noise. */
const WORTH = 1.1;
/** Quartiles of fewer say too little. */
const FEWEST_SAMPLES = 5;

export const sameLayout = (a: ProductLayout, b: ProductLayout): boolean =>
  a.workgroup === b.workgroup && a.rows === b.rows;

/**
 * The fastest layout of those that gain 10% or more over the default and whose quartiles lie apart from its, so that a busy
 * machine does not choose; else the default. Null of no times.
 */
export function fastestOf({ timed }: LayoutTiming): TimedLayout | null {
  const [byDefault, ...others] = timed;
  if (byDefault === undefined) return null;
  if (byDefault.samples < FEWEST_SAMPLES) return byDefault;
  const isFaster = ({ ms, high, samples }: TimedLayout) =>
    samples >= FEWEST_SAMPLES && byDefault.ms >= WORTH * ms && high < byDefault.low;
  return others
    .filter(isFaster)
    .reduce((best, other) => (other.ms < best.ms ? other : best), byDefault);
}
