import { useEffect, useRef, useState } from 'react';
import { describeFailure } from '../../errors/describe';
import { chooseRuns } from '../../store/compare';
import { dismissNote, MOST_ROLLOUT_TOKENS, refreshLibrary, useLibrary } from '../../store/library';
import { importFile, RUN_FILE } from '../../store/transfer';
import { openDialog } from '../dialog/dialogs';
import { Sheet } from '../dialog/Sheet';
import { RunItem } from './RunItem';
import { runTree } from './tree';
import { useNow } from './useNow';
import { bytesInWords } from './words';

/** The runs kept in this browser. */
export function RunsPanel({ onClose }: { onClose: () => void }) {
  useEffect(() => {
    void refreshLibrary();
    return dismissNote;
  }, []);
  return (
    <Sheet
      title="Library"
      about={`Every run is saved in this browser as it trains, with its evaluations, its measurements, and the newest rollouts that were shown of each arm (up to ${MOST_ROLLOUT_TOKENS.toLocaleString('en-US')} tokens). Drop a run file anywhere on the page, or paste it, to add it.`}
      className="runs-panel"
      onClose={onClose}
    >
      <Notes />
      <Runs />
      <Storage />
    </Sheet>
  );
}

function Notes() {
  const note = useLibrary((state) => state.note);
  const failure = useLibrary((state) => state.failure);
  return (
    <div className="runs-notes" aria-live="polite">
      {failure !== null && <Blocked {...describeFailure(failure)} />}
      {note !== null && (
        <p className="small" data-good={note.good}>
          {note.text}
        </p>
      )}
    </div>
  );
}

function Blocked({ title, what, action }: ReturnType<typeof describeFailure>) {
  return (
    <p className="small" data-good={false}>
      <strong>{title}.</strong> {what} {action}
    </p>
  );
}

function Runs() {
  const entries = useLibrary((state) => state.entries);
  const now = useNow();
  const [search, setSearch] = useState('');
  const [marked, setMarked] = useState<readonly string[]>([]);
  const tree = runTree(entries ?? [], search);
  const mark = (id: string, on: boolean) =>
    setMarked(on ? [...marked, id] : marked.filter((other) => other !== id));
  const compare = () => {
    const [first, second] = marked;
    if (first === undefined) return;
    chooseRuns(first, second ?? first);
    openDialog('compare');
  };
  return (
    <>
      <div className="runs-tools">
        <input
          type="search"
          aria-label="Search runs"
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <button type="button" className="button" disabled={marked.length === 0} onClick={compare}>
          {marked.length === 1 ? 'Compare its arms' : 'Compare'}
        </button>
        <ImportButton />
      </div>
      {entries?.length === 0 && (
        <p className="quiet runs-none">
          No run is kept yet. The first is, as soon as it has trained a step.
        </p>
      )}
      {entries !== null && entries.length > 0 && tree.length === 0 && (
        <p className="quiet runs-none">No run has these words in its name or experiment.</p>
      )}
      <ul className="runs" aria-label="Kept runs">
        {tree.map((node) => (
          <RunItem key={node.entry.id} node={node} now={now} marked={marked} mark={mark} />
        ))}
      </ul>
    </>
  );
}

function ImportButton() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className="button" onClick={() => input.current?.click()}>
        Import a file
      </button>
      <input
        ref={input}
        hidden
        type="file"
        aria-label="Run file"
        accept={`${RUN_FILE},.json,.jsonl`}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file may be chosen again.
          event.target.value = '';
          if (file !== undefined) void importFile(file);
        }}
      />
    </>
  );
}

function Storage() {
  const usage = useLibrary((state) => state.usage);
  const count = useLibrary((state) => state.entries?.length ?? 0);
  if (usage === null) return null;
  return (
    <p className="runs-storage small quiet">
      {count === 1 ? '1 run' : `${count} runs`}. This site uses {bytesInWords(usage.used)} of the{' '}
      {bytesInWords(usage.quota)} that the browser allows.
    </p>
  );
}
