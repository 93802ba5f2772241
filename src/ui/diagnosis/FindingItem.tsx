import { useState } from 'react';
import type { Change, Severity } from '../../rl/diagnosis';
import { applyChange, wayOf, type SharedFinding } from '../../store/diagnosis';
import { Swatch } from '../Swatch';
import { buttonText, doneText, namesOf, SEVERITIES, settingName, TITLES } from './words';

/** One finding: which arm, what, and the one change that is offered. */
export function FindingItem({
  finding,
  onDone,
}: {
  finding: SharedFinding;
  onDone: (text: string) => void;
}) {
  const { arms, kind, severity, text, key, change } = finding;
  const [refusal, setRefusal] = useState<string | null>(null);
  const make = (wanted: Change) => {
    const way = wayOf(wanted);
    const problem = applyChange(arms, wanted);
    setRefusal(problem);
    if (problem === null) onDone(doneText(finding, wanted, way));
  };
  const way = change === null ? 'impossible' : wayOf(change);
  return (
    <li className="finding" data-severity={severity}>
      <SeverityMark severity={severity} />
      <p>
        <span className="finding-arms">
          {arms.map(({ id, colour, name }) => (
            <span key={id}>
              <Swatch colour={colour} width={20} /> {name}
            </span>
          ))}
        </span>{' '}
        <strong>{TITLES[kind]}.</strong> {text}{' '}
        <span className="quiet">Setting: {settingName(key)}.</span>
      </p>
      {change !== null && way !== 'impossible' && (
        <button
          type="button"
          className="button finding-change"
          aria-label={`${buttonText(change, way)}: ${namesOf(finding)}`}
          onClick={() => make(change)}
        >
          {buttonText(change, way)}
        </button>
      )}
      {refusal !== null && (
        <p className="small finding-refusal" role="alert">
          Nothing was changed: {refusal}.
        </p>
      )}
    </li>
  );
}

/** The severity as a shape, since colour alone does not say it. */
function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <span className="finding-mark">
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        {severity === 'note' ? (
          <circle cx="7" cy="7" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.6" />
        ) : (
          <path
            d="M7 1.6 13 12.4H1z"
            fill={severity === 'alarm' ? 'currentColor' : 'none'}
            stroke="currentColor"
            strokeWidth="1.6"
            strokeLinejoin="round"
          />
        )}
      </svg>
      <span className="hidden-text">{SEVERITIES[severity]}: </span>
    </span>
  );
}
