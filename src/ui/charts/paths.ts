/** A point in pixels. */
export type Point = readonly [x: number, y: number];

/** The line through points, straight or holding its height until the next: the `d` of an SVG path. */
export function linePath(points: readonly Point[], stepped: boolean): string {
  return points.map(([x, y], i) => command(x, y, i, stepped)).join('');
}

/** The area between two lines over the same places. */
export function bandPath(
  upper: readonly Point[],
  lower: readonly Point[],
  stepped: boolean,
): string {
  if (upper.length === 0) return '';
  const back = [...lower].reverse().map(([x, y], i) => {
    // Backwards, the height changes before the place does.
    if (stepped && i > 0) return `V${round(y)}H${round(x)}`;
    return `L${round(x)} ${round(y)}`;
  });
  return `${linePath(upper, stepped)}${back.join('')}Z`;
}

/** A dot at each point: strokes of no length, to be drawn with round caps. */
export function dotsPath(points: readonly Point[]): string {
  return points.map(([x, y]) => `M${round(x)} ${round(y)}h0`).join('');
}

function command(x: number, y: number, i: number, stepped: boolean): string {
  if (i === 0) return `M${round(x)} ${round(y)}`;
  return stepped ? `H${round(x)}V${round(y)}` : `L${round(x)} ${round(y)}`;
}

/** To hundredths of a pixel. */
function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
