import type { CSSProperties } from 'react';

/** Dash patterns beside the colours: no arm is told apart by hue alone. Lengths in pixels, solid first. */
const DASHES = ['none', '9 4', '2.5 4', '12 4 2.5 4', '2 2', '16 4', '5 3', '8 3 2 3 2 3'] as const;
export const COLOURS = 8;

/** The arm's colour, as a CSS value that follows the theme. */
export function armColour(index: number): string {
  return `var(--arm-${index % COLOURS})`;
}

/** The arm's dash pattern, for stroke-dasharray. */
export function armDash(index: number): string {
  // The dashes move on by one with every round of the colours.
  return DASHES[(index + Math.floor(index / COLOURS)) % DASHES.length] ?? 'none';
}

/** Style that hands the arm's colour to the rules of an element and what it holds. */
export function armStyle(index: number): CSSProperties {
  return { '--arm': armColour(index) } as CSSProperties;
}
