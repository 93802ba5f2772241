import { useEffect } from 'react';
import { stepOnce, toggleRun } from '../store/engine';

/** Elements that have their own use for keys. */
const BUSY = 'button, input, select, textarea, summary, a, [role="slider"], [tabindex="0"]';

/** Space runs and pauses, the full stop trains one step; neither while a control or a panel has the focus. */
export function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (event.target instanceof Element && event.target.closest(BUSY) !== null) return;
      if (event.key === ' ') toggleRun();
      else if (event.key === '.') stepOnce();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
