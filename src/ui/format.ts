/** Shown where there is no number. */
export const NONE = '–';

/** A number with at most `digits` decimals and a real minus sign. */
export function decimal(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return NONE;
  return value.toFixed(digits).replace('-', '−');
}

/** A number with its sign, also where it is positive. */
export function signed(value: number, digits = 2): string {
  return `${value > 0 ? '+' : ''}${decimal(value, digits)}`;
}

/** A fraction as a percentage with one decimal. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${decimal(value * 100, 1)}%` : NONE;
}

/** A number of any size to a few significant digits: 0.0123, −4.56e−5, 1,230. */
export function significant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size < 1e-4) return value.toExponential(digits - 1).replaceAll('-', '−');
  if (size >= 10 ** digits) return GROUPED.format(Math.round(value)).replace('-', '−');
  return value.toPrecision(digits).replace('-', '−');
}

/** A setting's value without trailing zeros: 0.5, 1, 3e-4. */
export function setting(value: number | null): string {
  if (value === null) return 'off';
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential().replace('e-', 'e−');
  return String(Number(value.toPrecision(6))).replace('-', '−');
}

/** Any setting of a recipe: a number, a name, or a schedule with its numbers. */
export function settingInWords(value: unknown): string {
  if (value === null || typeof value === 'number') return setting(value);
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  const { kind, ...fields } = value as { readonly kind: string };
  const numbers = Object.entries(fields).map(
    ([key, number]) => `${key} ${setting(Number(number))}`,
  );
  return [kind, ...numbers].join(', ');
}

/** Made once: making one takes longer than a chart has. */
const GROUPED = new Intl.NumberFormat('en-US');

/** 1,234 or 12.3k or 1.2M, for axes. */
export function count(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return GROUPED.format(value);
}

/** How much longer, in words. */
export function timeLeft(seconds: number): string {
  return seconds < 5 ? 'nearly done' : `${duration(seconds)} left`;
}

/** A time to wait, to the nearest 5 seconds where it is short. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** How long a step takes, in words. */
export function pace(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(1)} s a step`;
  const rate = 1 / seconds;
  return `${rate.toFixed(rate < 10 ? 1 : 0)} steps a second`;
}
