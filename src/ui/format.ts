/** Shown where there is no number. */
export const NONE = '–';

/** A number with at most `digits` decimals and a real minus sign. */
export function decimal(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return NONE;
  return value.toFixed(digits).replace('-', '−');
}

/** A fraction as a percentage with one decimal. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${decimal(value * 100, 1)}%` : NONE;
}

/** A setting's value without trailing zeros: 0.5, 1, 3e-4. */
export function setting(value: number | null): string {
  if (value === null) return 'off';
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential().replace('e-', 'e−');
  return String(Number(value.toPrecision(6))).replace('-', '−');
}

/** 1,234 or 12.3k or 1.2M, for axes. */
export function count(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return value.toLocaleString('en-US');
}

/** How long a step takes, in words. */
export function pace(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(1)} s a step`;
  const rate = 1 / seconds;
  return `${rate.toFixed(rate < 10 ? 1 : 0)} steps a second`;
}
