import { AlertDialog } from 'radix-ui';
import { useOpener } from '../dialog/useOpener';
import { deleteKept, type ShelfEntry } from '../../store/library';

/** Asks before a run is gone for good. Without radix's Overlay, for the reason that Sheet.tsx gives. */
export function DeleteDialog({ entry, onClose }: { entry: ShelfEntry; onClose: () => void }) {
  const restoreFocus = useOpener();
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <div className="dialog-shade" data-over="dialog" />
        <AlertDialog.Content className="dialog delete-dialog" onCloseAutoFocus={restoreFocus}>
          <div className="dialog-head">
            <AlertDialog.Title>Delete “{entry.name}”?</AlertDialog.Title>
          </div>
          <AlertDialog.Description className="dialog-body">
            Its curves and weights up to step {entry.step} are removed from this browser and cannot
            be brought back, except from a file that you exported.
          </AlertDialog.Description>
          <div className="dialog-foot">
            <AlertDialog.Cancel className="button">Keep it</AlertDialog.Cancel>
            <AlertDialog.Action
              className="button button-wrong"
              onClick={() => void deleteKept(entry)}
            >
              Delete
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
