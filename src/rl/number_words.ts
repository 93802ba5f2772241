/** Decimals that show two to three meaningful digits of the largest of some numbers. */
export function decimalsFor(values: readonly number[]): number {
  const size = Math.max(...values.map(Math.abs));
  if (!(size > 0) || size === Infinity) return 3;
  if (size >= 10) return 1;
  if (size >= 1) return 2;
  return Math.min(8, Math.max(3, 1 - Math.floor(Math.log10(size))));
}

/** A number with a real minus sign; -0 and what rounds to it have none. */
export function fixed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** The same with a plus where it is above zero: for differences. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}
