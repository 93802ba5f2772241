import { AlertDialog } from 'radix-ui';
import type { PolicyEntry } from '../../model/policy_facts';
import { useExperiment } from '../../store/experiment';
import { useLibrary } from '../../store/library';
import { deletePolicy } from '../../store/policies';
import { useOpener } from '../dialog/useOpener';

/** Asks before an imported policy is gone, and says what needs it. Without radix's Overlay, as Sheet.tsx explains. */
export function DeletePolicyDialog({
  entry,
  onClose,
}: {
  entry: PolicyEntry;
  onClose: () => void;
}) {
  const restoreFocus = useOpener();
  const { id, name } = entry;
  const onPage = useExperiment(({ arms }) => arms.some(({ recipe }) => recipe.policy === id));
  const runs = useLibrary((state) => state.entries) ?? [];
  const kept = runs.filter(({ policies }) => policies?.includes(id));
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <div className="dialog-shade" data-over="dialog" />
        <AlertDialog.Content className="dialog delete-dialog" onCloseAutoFocus={restoreFocus}>
          <div className="dialog-head">
            <AlertDialog.Title>Delete “{name}”?</AlertDialog.Title>
          </div>
          <AlertDialog.Description className="dialog-body">
            {onPage && 'The experiment on the page starts from it. '}
            {kept.length > 0 &&
              `${kept.length === 1 ? 'A kept run needs' : `${kept.length} kept runs need`} it, and cannot be opened without: ${kept
                .slice(0, 3)
                .map((run) => `“${run.name}”`)
                .join(', ')}${kept.length > 3 ? ' and others' : ''}. `}
            Its files are removed from this browser; importing the same files brings it back.
          </AlertDialog.Description>
          <div className="dialog-foot">
            <AlertDialog.Cancel className="button">Keep it</AlertDialog.Cancel>
            <AlertDialog.Action
              className="button button-wrong"
              onClick={() => void deletePolicy(entry)}
            >
              Delete
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
