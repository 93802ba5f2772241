import { useEffect } from 'react';
import { useShortcutSettings } from '../store/shortcuts';
import { actionOf, isAvailable } from './actions';

/** Elements that have their own use for keys. */
const BUSY =
  'button, input, select, textarea, summary, a, [role="slider"], [role="dialog"], [role="menu"], [tabindex="0"]';

/** What of a text field the browser itself undoes. */
const TEXT = 'input:not([type="range"], [type="checkbox"], [type="radio"]), textarea';

/**
 * Keys do what ui/actions.ts says. Keys alone only while no control or panel has the focus; with Ctrl or Command
 * everywhere, but for undo in a field that is being typed in.
 */
export function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.repeat || event.isComposing || event.defaultPrevented) return;
      const action = actionOf(event);
      if (action?.shortcut === undefined) return;
      const { mod = false, key } = action.shortcut;
      const at = event.target instanceof Element ? event.target : null;
      if (mod ? key === 'z' && at?.closest(TEXT) != null : at?.closest(BUSY) != null) return;
      if (!mod && !useShortcutSettings.getState().singleKeys) return;
      // Ctrl K would open the browser's search, Space scroll the page: not while there is an action of that key.
      event.preventDefault();
      if (isAvailable(action)) action.run();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
