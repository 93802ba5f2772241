import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Event } from '../worker/protocol';

/** How matrix products are laid out on this device, and what timing other layouts has found: shown, and kept for next time. */

type Told = Omit<Extract<Event, { type: 'layout' }>, 'type'>;

export interface LayoutsState {
  /** Null until runs are prepared. */
  readonly told: Told | null;
  readonly timing: boolean;
}

export const useLayouts = create<LayoutsState>(() => ({ told: null, timing: false }));

/** Timings that are kept, by adapter and size; the oldest go. */
const MOST_KEPT = 32;

const useKept = create(
  persist<{ readonly kept: Readonly<Record<string, unknown>> }>(() => ({ kept: {} }), {
    name: 'rlvr-layouts',
    version: 1,
    // Storage is untrusted; what the timings hold, the worker checks.
    merge: (saved) => {
      const kept = saved !== null && typeof saved === 'object' && 'kept' in saved && saved.kept;
      return { kept: kept !== null && typeof kept === 'object' ? newest(kept) : {} };
    },
  }),
);

/** A function, since the store calls it while it is made. */
function newest(kept: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(kept).slice(-MOST_KEPT));
}

/** What is needed of the worker's client. */
export interface TimedDevice {
  keptTimings(kept: Readonly<Record<string, unknown>>): void;
  timeLayouts(): void;
  stopTimingLayouts(): void;
  subscribe(listener: (event: Event) => void): () => void;
}

let device: TimedDevice | null = null;

/** Hands over the worker that has the device, or none; it is told what was kept. */
export function serveLayouts(next: TimedDevice | null): void {
  device = next;
  useLayouts.setState({ told: null, timing: false });
  device?.keptTimings(useKept.getState().kept);
  device?.subscribe((event) => {
    if (device === next) receive(event);
  });
}

/** Times other layouts for the runs that are prepared. While nothing trains. */
export function timeLayouts(): void {
  if (device === null) return;
  useLayouts.setState({ timing: true });
  device.timeLayouts();
}

/** What is being timed is given up. */
export function stopTimingLayouts(): void {
  device?.stopTimingLayouts();
}

function receive(event: Event): void {
  if (event.type === 'failed') return useLayouts.setState({ timing: false });
  if (event.type !== 'layout') return;
  useLayouts.setState({ told: event, timing: false });
  if (event.timing !== null) keep(event.key, event.timing);
}

function keep(key: string, timing: unknown): void {
  const { [key]: before, ...others } = useKept.getState().kept;
  if (JSON.stringify(before) === JSON.stringify(timing)) return;
  try {
    useKept.setState({ kept: newest({ ...others, [key]: timing }) });
  } catch {
    // The browser's storage is full: the layout is timed again next time.
  }
}
