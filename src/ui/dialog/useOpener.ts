import { useState } from 'react';

/**
 * For the onCloseAutoFocus of a dialog that is drawn when it is wanted: there is no trigger in the tree that radix could
 * give the focus back to, so it goes to what had it when the dialog came.
 */
export function useOpener(): (event: globalThis.Event) => void {
  const [opener] = useState(() => document.activeElement);
  return (event) => {
    event.preventDefault();
    if (opener instanceof HTMLElement) opener.focus();
  };
}
