import { useEffect, useRef } from 'react';
import {
  dismissPolicyNote,
  importPolicy,
  refreshPolicies,
  usePolicies,
} from '../../store/policies';
import { TASK_NAMES } from '../../tasks/registry';
import { Sheet } from '../dialog/Sheet';
import { pathed } from './dropped';
import { PolicyItem } from './PolicyItem';

/** The policies that training can start from: those of the tasks, and imported ones. */
export function PoliciesPanel({ onClose }: { onClose: () => void }) {
  useEffect(() => {
    void refreshPolicies();
    return dismissPolicyNote;
  }, []);
  return (
    <Sheet
      title="Policies"
      about="What training starts from. Drop a Hugging Face folder of the Llama architecture anywhere on the page (config.json, tokenizer.json, safetensors), a zip of one, or a .safetensors policy of this program. It stays in this browser."
      className="runs-panel"
      onClose={onClose}
    >
      <Note />
      <ImportButtons />
      <Imported />
      <h3>Base policies of the tasks</h3>
      <ul className="runs" aria-label="Base policies">
        {TASK_NAMES.map((name) => (
          <PolicyItem key={name} policy={name} entry={null} />
        ))}
      </ul>
    </Sheet>
  );
}

function Note() {
  const note = usePolicies((state) => state.note);
  const busy = usePolicies((state) => state.busy);
  return (
    <div className="runs-notes" aria-live="polite">
      {busy && <p className="small">Reading …</p>}
      {note !== null && (
        <p className="small" data-good={note.good}>
          {note.text}
        </p>
      )}
    </div>
  );
}

function Imported() {
  const entries = usePolicies((state) => state.entries);
  if (entries === null) return null;
  return (
    <>
      <h3>Imported</h3>
      {entries.length === 0 && <p className="quiet runs-none">None yet.</p>}
      <ul className="runs" aria-label="Imported policies">
        {entries.map((entry) => (
          <PolicyItem key={entry.id} policy={entry.id} entry={entry} />
        ))}
      </ul>
    </>
  );
}

function ImportButtons() {
  return (
    <div className="runs-tools">
      <Choose label="Import files" name="Policy files" />
      <Choose label="Import a folder" name="Policy folder" folder />
    </div>
  );
}

function Choose({
  label,
  name,
  folder = false,
}: {
  label: string;
  name: string;
  folder?: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  const busy = usePolicies((state) => state.busy);
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={busy}
        onClick={() => input.current?.click()}
      >
        {label}
      </button>
      <input
        ref={input}
        hidden
        type="file"
        multiple
        aria-label={name}
        {...(folder ? { webkitdirectory: '' } : { accept: '.safetensors,.json,.zip' })}
        onChange={(event) => {
          const files = pathed([...(event.target.files ?? [])]);
          // The same files may be chosen again.
          event.target.value = '';
          if (files.length > 0) void importPolicy(files);
        }}
      />
    </>
  );
}
