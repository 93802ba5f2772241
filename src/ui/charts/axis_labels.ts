/** Pixels of a letter of the axes' labels, about. */
export const LETTER = 6.6;
/** Between two labels, at least. */
const SPACE = 5;

/** A label of the horizontal axis: its tick, and the middle of its text. */
export interface Label {
  readonly at: number;
  readonly text: string;
  readonly x: number;
}

/**
 * The labels that have room: the first and the last always, and of those between the ones that touch neither the one
 * before nor the last. The last moves left where it would end beyond `right`.
 */
export function placeLabels(
  ticks: readonly { readonly at: number; readonly text: string }[],
  right: number,
): Label[] {
  const last = ticks.length - 1;
  const halves = ticks.map(({ text }) => (text.length * LETTER) / 2);
  const labels = ticks.map(({ at, text }, i) => {
    const half = halves[i] ?? 0;
    return { at, text, x: i === last ? Math.min(at, right - half) : at, half };
  });
  const end = labels[last];
  if (end === undefined) return [];
  let taken = -Infinity;
  return labels.filter((label, i) => {
    const fits = label.x - label.half >= taken + SPACE;
    const touchesEnd = i < last && label.x + label.half + SPACE > end.x - end.half;
    if (i < last && i > 0 && (!fits || touchesEnd)) return false;
    taken = label.x + label.half;
    return true;
  });
}
