import { create } from 'zustand';
import { persist } from 'zustand/middleware';

/** What runs along a chart's horizontal axis. */
export type AxisKind = 'step' | 'updates' | 'tokens' | 'reward';
export type Theme = 'system' | 'light' | 'dark';

/** First and last step that the charts show. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** Longest memory of the smoothing: at 0.95 a value counts half after 14 steps. */
export const MOST_SMOOTHING = 0.95;

export interface ViewState {
  /** The arm that the controls act on and whose rollouts are shown. */
  readonly chosenArm: string | null;
  readonly axis: AxisKind;
  /** Entropy's vertical axis reaches up to ln V, the entropy of a uniform policy. */
  readonly fullEntropyScale: boolean;
  /** Steps that all charts show; null for the whole run. */
  readonly zoom: StepRange | null;
  /** Weight of the past in the exponential mean that charts draw, 0 (none) to MOST_SMOOTHING. */
  readonly smoothing: number;
  /** Vertical axes are logarithmic where all values are positive. */
  readonly logScale: boolean;
  /** Panels that are open, by name: "data:entropy", "settings", "rollouts". */
  readonly open: Readonly<Record<string, boolean>>;
  readonly theme: Theme;
  choose(arm: string): void;
  setAxis(axis: AxisKind): void;
  setFullEntropyScale(full: boolean): void;
  setZoom(zoom: StepRange | null): void;
  setSmoothing(smoothing: number): void;
  setLogScale(logScale: boolean): void;
  toggle(panel: string): void;
  setTheme(theme: Theme): void;
}

/** What is open and chosen on the page. Only the theme outlives a visit. */
export const useView = create<ViewState>()(
  persist(
    (set) => ({
      chosenArm: null,
      axis: 'step',
      fullEntropyScale: false,
      zoom: null,
      smoothing: 0,
      logScale: false,
      open: {},
      theme: 'system',
      choose: (chosenArm) => set({ chosenArm }),
      setAxis: (axis) => set({ axis }),
      setFullEntropyScale: (fullEntropyScale) => set({ fullEntropyScale }),
      setZoom: (zoom) => set({ zoom }),
      setSmoothing: (smoothing) => set({ smoothing }),
      setLogScale: (logScale) => set({ logScale }),
      toggle: (panel) => set(({ open }) => ({ open: { ...open, [panel]: !open[panel] } })),
      setTheme: (theme) => set({ theme }),
    }),
    {
      name: 'rlvr-view',
      version: 1,
      partialize: ({ theme }) => ({ theme }),
      merge: (saved, current) => ({ ...current, theme: readTheme(saved) }),
    },
  ),
);

/** Storage is untrusted: anything that is not a theme counts as none chosen. */
function readTheme(saved: unknown): Theme {
  const theme =
    saved !== null && typeof saved === 'object' && 'theme' in saved ? saved.theme : null;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}
