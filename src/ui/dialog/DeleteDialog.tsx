import { AlertDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useOpener } from './useOpener';

/** Asks before something is gone for good; the text says what. Without radix's Overlay, for the reason that Sheet.tsx gives. */
export function DeleteDialog({
  name,
  children,
  onDelete,
  onClose,
}: {
  name: string;
  children: ReactNode;
  onDelete: () => void;
  onClose: () => void;
}) {
  const restoreFocus = useOpener();
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <div className="dialog-shade" data-over="dialog" />
        <AlertDialog.Content className="dialog delete-dialog" onCloseAutoFocus={restoreFocus}>
          <div className="dialog-head">
            <AlertDialog.Title>Delete “{name}”?</AlertDialog.Title>
          </div>
          <AlertDialog.Description className="dialog-body">{children}</AlertDialog.Description>
          <div className="dialog-foot">
            <AlertDialog.Cancel className="button">Keep it</AlertDialog.Cancel>
            <AlertDialog.Action className="button button-wrong" onClick={onDelete}>
              Delete
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
