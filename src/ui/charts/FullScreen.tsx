import type { ReactNode } from 'react';
import { Dialog } from 'radix-ui';

/**
 * One figure as large as the window. Without radix's Overlay: it stops the page from scrolling by a style element, which
 * the page's content security policy refuses; charts.css does the same with :has().
 */
export function FullScreen(props: {
  title: string;
  unit: string;
  /** What it shows, below it. */
  help: ReactNode;
  onClose: () => void;
  /** Puts the focus back where it was. */
  onClosed: () => void;
  children: ReactNode;
}) {
  const { title, unit, help, onClose, onClosed, children } = props;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Content
          className="full-screen"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
        >
          <figure aria-label={`${title} ${unit}`}>
            <div className="figure-head">
              <Dialog.Title>{title}</Dialog.Title>
              <span className="unit">{unit}</span>
              <div className="figure-tools">
                <Dialog.Close className="link-button">Close</Dialog.Close>
              </div>
            </div>
            {children}
            <Dialog.Description className="caption">{help}</Dialog.Description>
          </figure>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
