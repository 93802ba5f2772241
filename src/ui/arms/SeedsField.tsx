import { useId, useState } from 'react';
import { changeSeeds } from '../../store/edit';
import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';

/** The seeds that every arm is trained at, as a list. */
export function SeedsField() {
  const id = useId();
  const seeds = useExperiment((state) => state.seeds);
  const trained = useRun((state) => state.step > 0);
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const take = () => {
    if (draft === null) return;
    const wrong = changeSeeds(draft);
    setProblem(wrong);
    if (wrong === null) setDraft(null);
  };
  const leave = () => {
    setDraft(null);
    setProblem(null);
  };
  return (
    <span className="seeds">
      <label htmlFor={id}>Seeds</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        value={draft ?? seeds.join(', ')}
        aria-invalid={problem !== null}
        aria-describedby={`${id}note`}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take();
          else if (event.key === 'Escape') leave();
        }}
      />
      <span
        id={`${id}note`}
        className={problem === null ? 'quiet' : 'recipe-wrong'}
        aria-live="polite"
      >
        {problem ??
          (draft !== null && (trained ? 'Enter: all arms start over.' : 'Enter takes them over.'))}
      </span>
    </span>
  );
}
