import { removeLog, useTrainerLogs } from '../../store/trainer_logs';

/** The logs of other trainers that are drawn beside the two arms; nothing where there are none. */
export function BesideLogs() {
  const logs = useTrainerLogs((state) => state.logs);
  if (logs.length === 0) return null;
  return (
    <div className="compare-logs small">
      <p className="quiet">
        Drawn beside them, from logs. An entry of TRL’s log is taken for a step, whatever number of
        updates it stands for.
      </p>
      <ul aria-label="Logs drawn beside">
        {logs.map(({ name, trainer, steps }) => (
          <li key={name}>
            {name} ({trainer === 'trl' ? 'TRL' : 'verl'}, {steps} steps){' '}
            <button type="button" className="link-button" onClick={() => removeLog(name)}>
              Remove <span className="hidden-text">{name}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
