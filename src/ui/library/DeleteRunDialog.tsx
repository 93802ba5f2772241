import { deleteKept, type ShelfEntry } from '../../store/library';
import { DeleteDialog } from '../dialog/DeleteDialog';

/** Asks before a kept run is gone for good. */
export function DeleteRunDialog({ entry, onClose }: { entry: ShelfEntry; onClose: () => void }) {
  return (
    <DeleteDialog name={entry.name} onDelete={() => void deleteKept(entry)} onClose={onClose}>
      Its curves and weights up to step {entry.step} are removed from this browser and cannot be
      brought back, except from a file that you exported.
    </DeleteDialog>
  );
}
