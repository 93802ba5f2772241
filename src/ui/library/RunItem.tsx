import { useState } from 'react';
import { useAutosave } from '../../store/autosave';
import { openKept, renameKept, useLibrary, type ShelfEntry } from '../../store/library';
import { closeDialog } from '../dialog/dialogs';
import { saveRun } from './saveRun';
import { DeleteRunDialog } from './DeleteRunDialog';
import { MadeWith } from './MadeWith';
import { RunName } from './RunName';
import type { RunNode } from './tree';
import { ago, bytesInWords, sizeInWords } from './words';

interface Marked {
  /** Ids of the runs that are marked for comparison. */
  readonly marked: readonly string[];
  readonly mark: (id: string, on: boolean) => void;
}

/** A kept run, what can be done with it, and its forks. */
export function RunItem({ node, now, ...marks }: { node: RunNode; now: number } & Marked) {
  const { entry, forks } = node;
  return (
    <li>
      <Run entry={entry} now={now} {...marks} />
      {forks.length > 0 && (
        <ul className="runs" aria-label={`Forks of ${entry.name}`}>
          {forks.map((fork) => (
            <RunItem key={fork.entry.id} node={fork} now={now} {...marks} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Run({ entry, now, marked, mark }: { entry: ShelfEntry; now: number } & Marked) {
  const { id, name, step, steps, parent } = entry;
  const onPage = useAutosave(({ run }) => run?.id === id);
  const [renaming, setRenaming] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const isMarked = marked.includes(id);
  const open = async () => {
    await openKept(id);
    // What went wrong is said in the panel.
    if (useLibrary.getState().note?.good !== false) closeDialog();
  };
  return (
    <div className="run" data-on-page={onPage || undefined}>
      <input
        type="checkbox"
        aria-label={`Compare ${name}`}
        checked={isMarked}
        disabled={!isMarked && marked.length >= 2}
        onChange={(event) => mark(id, event.target.checked)}
      />
      <div className="run-head">
        {renaming ? (
          <RunName
            name={name}
            rename={(next) => renameKept(id, next)}
            onDone={() => setRenaming(false)}
          />
        ) : (
          <span className="run-name">{name}</span>
        )}
        <span className="run-step small">
          {step === steps ? `all ${steps} steps` : `step ${step} of ${steps}`}
        </span>
      </div>
      <p className="small quiet">
        {onPage && <strong>On the page. </strong>}
        {parent !== null && (
          <>
            Forked from {parent.arm} at step {parent.step}.{' '}
          </>
        )}
        {entry.experiment !== name && parent === null && `${entry.experiment}. `}
        {sizeInWords(entry)}, {ago(entry.changed, now)}, {bytesInWords(entry.bytes)}
        {!entry.hasCheckpoint && ', curves only'}
      </p>
      <div className="run-acts">
        <Act name={name} verb="Open" onClick={() => void open()} disabled={onPage} />
        <Act name={name} verb="Export" onClick={() => void saveRun(id)} />
        <Act name={name} verb="Rename" onClick={() => setRenaming(true)} />
        <Act name={name} verb="Delete" onClick={() => setDeleting(true)} />
      </div>
      {entry.made !== undefined && <MadeWith made={entry.made} />}
      {deleting && <DeleteRunDialog entry={entry} onClose={() => setDeleting(false)} />}
    </div>
  );
}

function Act(props: { verb: string; name: string; onClick: () => void; disabled?: boolean }) {
  const { verb, name, onClick, disabled = false } = props;
  return (
    <button type="button" className="link-button" disabled={disabled} onClick={onClick}>
      {verb} <span className="hidden-text">{name}</span>
    </button>
  );
}
