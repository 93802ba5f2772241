/** Most intervals between the ticks of an axis. */
const MOST_INTERVALS = 6.5;
const MOST_LOG_TICKS = 8;

/** Round tick values from 0 to at or above `top`, a handful of them. */
export function ticksTo(top: number): number[] {
  return multiples(roundStep(top), 0, top);
}

/** The same, continued below 0 as far as `low`. */
export function ticksOver(low: number, top: number): number[] {
  return low >= 0 ? ticksTo(top) : multiples(roundStep(top - low), low, top);
}

/** Round tick values around a range that need not hold 0. */
export function ticksBetween(low: number, high: number): number[] {
  if (low === high)
    return ticksBetween(low - Math.abs(low || 1) / 10, high + Math.abs(low || 1) / 10);
  return multiples(roundStep(high - low), low, high);
}

/** Ticks that end at `last` itself, a whole number, and not at the round one after it. */
export function ticksUntil(last: number): number[] {
  return ticksFromTo(0, last);
}

/** Whole ticks that begin and end at the numbers given. */
export function ticksFromTo(first: number, last: number): number[] {
  const ticks = ticksBetween(first, last).filter(
    (tick) => Number.isInteger(tick) && tick > first && tick < last,
  );
  const gap = ((ticks[1] ?? last) - (ticks[0] ?? first)) / 2;
  return [
    first,
    ...ticks.filter((tick) => last - tick >= gap && (first === 0 || tick - first >= gap)),
    last,
  ];
}

/** For a logarithmic axis around a range above 0: 1, 2 and 5 of each power of ten, or the powers where they are many. */
export function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const all = powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  const start = Math.max(
    0,
    all.findLastIndex((tick) => tick <= low),
  );
  const end = Math.max(
    start + 1,
    all.findIndex((tick) => tick >= high),
  );
  const around = all.slice(start, end + 1);
  if (around.length <= MOST_LOG_TICKS) return around;
  const [bottom, top] = [around[0] ?? low, around[around.length - 1] ?? high];
  const between = powers.map((power) => Number(`1e${power}`)).filter((p) => p > bottom && p < top);
  if (between.length + 2 <= MOST_LOG_TICKS) return [bottom, ...between, top];
  const stride = Math.ceil((last - first) / MOST_INTERVALS);
  const count = Math.ceil((last - first) / stride);
  return Array.from({ length: count + 1 }, (_, i) => Number(`1e${first + i * stride}`));
}

/** Decimals that tell the ticks of a linear axis apart. */
export function decimalsOf(ticks: readonly number[]): number {
  const gap = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  return Math.max(0, -Math.floor(Math.log10(gap) + 1e-9));
}

function roundStep(span: number): number {
  const power = 10 ** Math.floor(Math.log10(span));
  const steps = [0.1, 0.2, 0.5, 1, 2, 5].map((step) => step * power);
  return steps.find((step) => span / step <= MOST_INTERVALS) ?? power;
}

function multiples(step: number, low: number, high: number): number[] {
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}
