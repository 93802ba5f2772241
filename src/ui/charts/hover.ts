import { create } from 'zustand';

/** What lies under the pointer, or under the keyboard's cursor, in any chart. */
export interface Hover {
  /** The chart that the pointer is in; it shows its own readout. */
  readonly chart: string | null;
  /** The other charts show the step, too. */
  readonly linked: boolean;
  readonly step: number | null;
  /** The arm whose curve or band the pointer is on. */
  readonly arm: string | null;
}

const NOTHING: Hover = { chart: null, linked: false, step: null, arm: null };

/** Kept apart from what the charts draw from: a move of the pointer redraws cursors and no curve. */
export const useHover = create<Hover>(() => NOTHING);

/** When the pointer last came to another step, in performance.now() milliseconds. */
let movedAt = -Infinity;

export function hoverStep(chart: string, linked: boolean, step: number): void {
  const now = useHover.getState();
  if (now.chart === chart && now.step === step) return;
  movedAt = performance.now();
  useHover.setState({ chart, linked, step });
}

/** Milliseconds for which the pointer has rested. */
export function rested(): number {
  return performance.now() - movedAt;
}

/** The pointer has left the chart, unless it is in another one already. */
export function leave(chart: string): void {
  if (useHover.getState().chart === chart) useHover.setState(NOTHING);
}

export function hoverArm(arm: string | null): void {
  if (useHover.getState().arm !== arm) useHover.setState({ arm });
}
