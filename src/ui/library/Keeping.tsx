import { describeFailure } from '../../errors/describe';
import { useAutosave, useOtherShaders } from '../../store/autosave';
import { ON_PAGE, chooseRuns } from '../../store/compare';
import { useExperiment } from '../../store/experiment';
import { useForkSteps } from '../../store/fork_page';
import { askToNotify, useNotify } from '../../store/notify';
import { useRun } from '../../store/run';
import { openDialog } from '../dialog/dialogs';
import { saveRun } from './saveRun';

/** Seconds of training left from which a notification is worth asking for. */
const LONG = 60;

/** How the run on the page is kept, and what can be made of it. */
export function Keeping() {
  const { run, saved, problem } = useAutosave();
  const recorded = useRun((state) => state.recorded !== null);
  if (recorded || (run === null && problem === null)) return null;
  const words = problem === null ? null : describeFailure(problem);
  return (
    <div className="keeping small quiet">
      {words === null ? (
        <span>{saved === null ? 'Not saved yet.' : `Saved at step ${saved.step}.`}</span>
      ) : (
        <>
          <span data-good={false} aria-live="polite">
            {words.title}. {words.kept} {words.action}
          </span>
          {run !== null && <ExportButton run={run.id} />}
        </>
      )}
      <Hidden />
      <ForkButton />
      <CompareButton />
      <Notify />
      <OtherShaders />
    </div>
  );
}

/** Where nothing of a run can be kept here, a file is the only way to keep it. */
function ExportButton({ run }: { run: string }) {
  return (
    <button type="button" className="link-button" onClick={() => void saveRun(run)}>
      Export…
    </button>
  );
}

/** To go on with a run of another version of the page is allowed, and said. */
function OtherShaders() {
  const words = useOtherShaders();
  return words === null ? null : <span>{words}</span>;
}

function Hidden() {
  const running = useRun((state) => state.status === 'running');
  return running ? <span>Training goes on while this tab is hidden.</span> : null;
}

function ForkButton() {
  if (useForkSteps() === null) return null;
  return (
    <button type="button" className="link-button" onClick={() => openDialog('fork')}>
      Fork…
    </button>
  );
}

function CompareButton() {
  const several = useExperiment((state) => state.arms.length > 1);
  const trained = useRun((state) => state.step > 0);
  if (!several || !trained) return null;
  const compare = () => {
    chooseRuns(ON_PAGE, ON_PAGE);
    openDialog('compare');
  };
  return (
    <button type="button" className="link-button" onClick={compare}>
      Compare arms…
    </button>
  );
}

/** Offered where there is something to wait for; the browser is asked on the click, and only then. */
function Notify() {
  const { wanted, refused } = useNotify();
  const long = useRun(
    ({ status, secondsPerStep, step, total }) =>
      status === 'running' && (secondsPerStep ?? 0) * (total - step) > LONG,
  );
  if (!('Notification' in globalThis)) return null;
  if (refused) return <span>The browser does not let this page notify you.</span>;
  if (wanted) return <span>You will be notified when it ends.</span>;
  if (!long) return null;
  return (
    <button type="button" className="link-button" onClick={() => void askToNotify()}>
      Notify me when it ends
    </button>
  );
}
