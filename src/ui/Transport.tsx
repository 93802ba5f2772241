import { reset, stepOnce, toggleRun } from '../store/engine';
import { canReset, canTrain, useRun, type RunState } from '../store/run';
import { pace, timeLeft } from './format';
import { SourceToggle, sourceInWords } from './SourceToggle';

/** Run, Pause, Step, Reset, and where the run stands. */
export function Transport() {
  const { status, step, total } = useRun();
  const resettable = useRun(canReset);
  const running = status === 'running';
  return (
    <div className="transport" role="group" aria-label="Training">
      <button
        type="button"
        className="button button-main"
        disabled={!canTrain(status)}
        aria-keyshortcuts="Space"
        onClick={toggleRun}
      >
        {running ? 'Pause' : 'Run'}
      </button>
      <button
        type="button"
        className="button"
        disabled={running || !canTrain(status)}
        aria-keyshortcuts="."
        onClick={stepOnce}
      >
        Step
      </button>
      <button type="button" className="button" disabled={!resettable} onClick={reset}>
        Reset
      </button>
      <SourceToggle />
      <div className="transport-state">
        <span role="status">{`step ${step} of ${total}`}</span>
        <Sentence />
      </div>
      <div className="track" aria-hidden="true">
        <div style={{ transform: `scaleX(${total === 0 ? 0 : step / total})` }} />
      </div>
    </div>
  );
}

function Sentence() {
  const text = useRun(describe);
  return <span className="quiet small">{text}</span>;
}

/** What is going on, in a few words. */
function describe(state: RunState): string {
  const { status, prepared, secondsPerStep, step, total, recorded } = state;
  if (recorded !== null) return sourceInWords(state) ?? '';
  switch (status) {
    case 'connecting':
      return 'starting';
    case 'preparing':
      return preparing(prepared);
    case 'ready':
      return 'ready';
    case 'running':
      return secondsPerStep === null
        ? 'training'
        : `${pace(secondsPerStep)}, ${timeLeft(secondsPerStep * (total - step))}`;
    case 'paused':
      return 'paused';
    case 'finished':
      return 'finished';
    case 'failed':
      return 'stopped';
  }
}

function preparing({ what, done, total }: RunState['prepared']): string {
  if (total === 0) return 'preparing';
  const words = { layouts: 'timing layouts', kernels: 'preparing', steps: 'training steps again' };
  return `${words[what]}, ${done} of ${total}`;
}
