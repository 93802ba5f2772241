import type { PolicyEntry } from '../../model/policy_facts';
import { useExperiment } from '../../store/experiment';
import { useLibrary } from '../../store/library';
import { deletePolicy } from '../../store/policies';
import { DeleteDialog } from '../dialog/DeleteDialog';

/** Runs that are named; of more the rest are others. */
const NAMED = 3;

/** Asks before an imported policy is gone, and says what needs it. */
export function DeletePolicyDialog({
  entry,
  onClose,
}: {
  entry: PolicyEntry;
  onClose: () => void;
}) {
  const { id, name } = entry;
  const onPage = useExperiment(({ arms }) => arms.some(({ recipe }) => recipe.policy === id));
  const runs = useLibrary((state) => state.entries) ?? [];
  const kept = runs.filter(({ policies }) => policies?.includes(id)).map((run) => `“${run.name}”`);
  const need = kept.length === 1 ? 'A kept run needs' : `${kept.length} kept runs need`;
  const named = kept.slice(0, NAMED).join(', ') + (kept.length > NAMED ? ' and others' : '');
  return (
    <DeleteDialog name={name} onDelete={() => void deletePolicy(entry)} onClose={onClose}>
      {onPage && 'The experiment on the page starts from it. '}
      {kept.length > 0 && `${need} it, and cannot be opened without: ${named}. `}
      Its files are removed from this browser; importing the same files brings it back.
    </DeleteDialog>
  );
}
