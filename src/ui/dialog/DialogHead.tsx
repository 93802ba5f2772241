import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';

/** The title of a dialog, with the button that closes it. */
export function DialogHead({ children }: { children: ReactNode }) {
  return (
    <div className="dialog-head">
      <Dialog.Title>{children}</Dialog.Title>
      <Dialog.Close className="icon-button" aria-label="Close">
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.7" />
        </svg>
      </Dialog.Close>
    </div>
  );
}
