import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { DialogHead } from './DialogHead';
import { useOpener } from './useOpener';

export interface SheetProps {
  readonly title: string;
  /** A sentence under the title. */
  readonly about: ReactNode;
  readonly className: string;
  readonly onClose: () => void;
  /** After the dialog has gone and the focus is back where it was. */
  readonly onClosed?: () => void;
  /** The title is for screen readers only. */
  readonly titleHidden?: boolean;
  readonly children: ReactNode;
}

/**
 * A dialog over the page. Without radix's Overlay, which stops the page from scrolling by a style element that the
 * content security policy refuses; tools.css does the same with :has().
 */
export function Sheet(props: SheetProps) {
  const { title, about, className, onClose, onClosed, titleHidden = false, children } = props;
  const restoreFocus = useOpener();
  const restore = (event: globalThis.Event) => {
    restoreFocus(event);
    onClosed?.();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <div className="dialog-shade" />
        <Dialog.Content className={`dialog sheet ${className}`} onCloseAutoFocus={restore}>
          {titleHidden ? (
            <>
              <Dialog.Title className="hidden-text">{title}</Dialog.Title>
              <Dialog.Description className="hidden-text">{about}</Dialog.Description>
              {children}
            </>
          ) : (
            <>
              <DialogHead>{title}</DialogHead>
              <Dialog.Description className="sheet-about small quiet">{about}</Dialog.Description>
              <div className="dialog-body">{children}</div>
            </>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
