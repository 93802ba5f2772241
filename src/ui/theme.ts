import { useSyncExternalStore } from 'react';
import { useView } from '../store/view';

const DARK = '(prefers-color-scheme: dark)';

/** Puts the chosen theme on the document, now and whenever it changes. Call once, before the first paint. */
export function followTheme(): void {
  const apply = (theme: string) => {
    document.documentElement.dataset['theme'] = theme;
  };
  apply(useView.getState().theme);
  useView.subscribe((state) => apply(state.theme));
}

/** Whether the page is dark: the chosen theme, or the system's where none was chosen. */
export function useDarkTheme(): boolean {
  const theme = useView((state) => state.theme);
  const system = useMedia(DARK);
  return theme === 'system' ? system : theme === 'dark';
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}
