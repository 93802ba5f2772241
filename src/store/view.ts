import { create } from 'zustand';
import { persist } from 'zustand/middleware';

/** What runs along a chart's horizontal axis. */
export type AxisKind = 'step' | 'updates' | 'tokens' | 'reward';
export type Theme = 'system' | 'light' | 'dark';

export interface ViewState {
  /** The arm that the controls act on and whose rollouts are shown. */
  readonly chosenArm: string | null;
  readonly axis: AxisKind;
  /** Entropy's vertical axis reaches up to ln V, the entropy of a uniform policy. */
  readonly fullEntropyScale: boolean;
  /** Panels that are open, by name: "data:entropy", "settings", "rollouts". */
  readonly open: Readonly<Record<string, boolean>>;
  readonly theme: Theme;
  choose(arm: string): void;
  setAxis(axis: AxisKind): void;
  setFullEntropyScale(full: boolean): void;
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
      open: {},
      theme: 'system',
      choose: (chosenArm) => set({ chosenArm }),
      setAxis: (axis) => set({ axis }),
      setFullEntropyScale: (fullEntropyScale) => set({ fullEntropyScale }),
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
