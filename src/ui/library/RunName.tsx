import { useId, useState } from 'react';
import { renameKept } from '../../store/library';

/** A run's name as a field: taken over on Enter or on leaving, given up on Escape. */
export function RunName(props: { id: string; name: string; onDone: () => void }) {
  const { id, name, onDone } = props;
  const ids = useId();
  const [draft, setDraft] = useState(name);
  const [problem, setProblem] = useState<string | null>(null);
  const take = async () => {
    if (draft.trim() === name) return onDone();
    const refused = await renameKept(id, draft);
    if (refused === null) onDone();
    else setProblem(refused);
  };
  return (
    <span className="run-rename">
      <input
        type="text"
        autoFocus
        aria-label={`New name of ${name}`}
        aria-invalid={problem !== null}
        aria-describedby={`${ids}problem`}
        value={draft}
        onChange={(event) => {
          setDraft(event.target.value);
          setProblem(null);
        }}
        onBlur={() => void take()}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void take();
          if (event.key !== 'Escape') return;
          // The panel stays open.
          event.stopPropagation();
          onDone();
        }}
      />
      <span className="run-problem small" id={`${ids}problem`} role="alert">
        {problem}
      </span>
    </span>
  );
}
