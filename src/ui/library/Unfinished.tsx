import { useState } from 'react';
import { useAutosave } from '../../store/autosave';
import { openKept, unfinishedRun, useLibrary, type ShelfEntry } from '../../store/library';
import { useRun } from '../../store/run';
import { DeleteRunDialog } from './DeleteRunDialog';
import { useNow } from './useNow';
import { ago } from './words';

/** The run that a closed or broken page left behind, and the way back to it. Nothing goes on by itself. */
export function Unfinished() {
  const entries = useLibrary((state) => state.entries);
  const note = useLibrary((state) => state.note);
  const onPage = useAutosave((state) => state.run?.id ?? null);
  // A run that failed here can be continued here.
  const failed = useRun((state) => state.status === 'failed');
  const busy = useRun(({ status }) => status === 'running' || status === 'preparing');
  const elsewhere = useLibrary((state) => state.elsewhere);
  const entry = unfinishedRun(
    entries,
    failed || onPage === null ? elsewhere : [onPage, ...elsewhere],
  );
  if (busy || entry === null) return note?.good === false ? <Note text={note.text} /> : null;
  return (
    <>
      <Question key={entry.id} entry={entry} />
      {note?.good === false && <Note text={note.text} />}
    </>
  );
}

function Question({ entry }: { entry: ShelfEntry }) {
  const now = useNow();
  const adapter = useRun((state) => state.adapter);
  const [discarding, setDiscarding] = useState(false);
  const { id, name, step, steps, changed } = entry;
  return (
    <p className="unfinished small">
      <span>
        Unfinished: <strong>{name}</strong>, step {step} of {steps}, {ago(changed, now)}.
      </span>{' '}
      <button
        type="button"
        className="link-button"
        disabled={adapter === null}
        onClick={() => void openKept(id, { go: true })}
      >
        Continue
      </button>{' '}
      <button type="button" className="link-button" onClick={() => setDiscarding(true)}>
        Discard
      </button>
      {discarding && <DeleteRunDialog entry={entry} onClose={() => setDiscarding(false)} />}
    </p>
  );
}

function Note({ text }: { text: string }) {
  return (
    <p className="unfinished small" data-good={false} aria-live="polite">
      {text}
    </p>
  );
}
