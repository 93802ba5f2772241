import type { FallbackProps } from 'react-error-boundary';
import { describeFailure } from '../errors/describe';
import { useAutosave } from '../store/autosave';
import { count } from './format';
import { errorText } from './PartFailed';

/** All that is left of the page when it failed as a whole. The run goes on and is saved outside of what is drawn. */
export function PageFailed({ error }: Pick<FallbackProps, 'error'>) {
  const detail = error instanceof Error ? error.message : String(error);
  const { title, what, action } = describeFailure({ kind: 'bug', detail });
  const { saved } = useAutosave.getState();
  return (
    <main className="page">
      <section className="failure" role="alert">
        <h1>{title}</h1>
        <p>{what}</p>
        <p>
          {saved === null
            ? 'Runs that were kept are still there.'
            : `This run is saved up to step ${count(saved.step)}, and runs that were kept are still there.`}
        </p>
        <p>{action}</p>
        <details>
          <summary>Technical details</summary>
          <pre tabIndex={0}>{errorText(error)}</pre>
        </details>
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </section>
    </main>
  );
}
