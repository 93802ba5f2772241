import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export interface ShortcutsState {
  /** Whether keys without Ctrl or Command do something. Who dictates to the computer may want them off (WCAG 2.1.4). */
  readonly singleKeys: boolean;
}

/** Outlives the visit. Storage is untrusted: anything but false counts as on. */
export const useShortcutSettings = create<ShortcutsState>()(
  persist((): ShortcutsState => ({ singleKeys: true }), {
    name: 'rlvr-shortcuts',
    version: 1,
    merge: (saved, current) => ({
      ...current,
      singleKeys: !(
        saved !== null &&
        typeof saved === 'object' &&
        'singleKeys' in saved &&
        saved.singleKeys === false
      ),
    }),
  }),
);

export function setSingleKeys(singleKeys: boolean): void {
  useShortcutSettings.setState({ singleKeys });
}
