import { useId, useState } from 'react';

/** A name as a field: taken over on Enter or on leaving, given up on Escape. */
export function RunName(props: {
  name: string;
  /** Null where it was taken, else what is wrong with it. */
  rename: (name: string) => Promise<string | null>;
  onDone: () => void;
}) {
  const { name, rename, onDone } = props;
  const ids = useId();
  const [draft, setDraft] = useState(name);
  const [problem, setProblem] = useState<string | null>(null);
  const take = async () => {
    if (draft.trim() === name) return onDone();
    const refused = await rename(draft);
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
