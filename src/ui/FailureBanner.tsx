import { version } from '../../package.json';
import { describeFailure } from '../errors/describe';
import type { Failure } from '../errors/failure';
import { connect } from '../store/engine';
import { dismissRecovery, tryAgain, useRecovery } from '../store/recovery';
import { useRun } from '../store/run';
import { useShaders } from '../store/shaders';

/** What went wrong, what was kept and what to do: the page's one place for failures. */
export function FailureBanner() {
  const failure = useRun((state) => state.failure);
  const recorded = useRun((state) => state.recorded !== null);
  return (
    <>
      <div role="alert">
        {failure !== null &&
          (recorded ? <Notice failure={failure} /> : <Words failure={failure} />)}
      </div>
      <Mended />
    </>
  );
}

/** What the page mended by itself. */
function Mended() {
  const note = useRecovery((state) => state.note);
  return (
    <div aria-live="polite">
      {note !== null && (
        <p className="notice small">
          {note}{' '}
          <button type="button" className="link-button" onClick={dismissRecovery}>
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}

/** The page goes on without what failed: a recorded run is open. */
function Notice({ failure }: { failure: Failure }) {
  const { title, what, action } = describeFailure(failure);
  return (
    <details className="notice small">
      <summary>{title}: recorded runs play instead</summary>
      <p>{what}</p>
      <p>{action}</p>
      <button type="button" className="button" onClick={connect}>
        Try again
      </button>
    </details>
  );
}

function Words({ failure }: { failure: Failure }) {
  const adapter = useRun((state) => state.adapter);
  const shaders = useShaders((state) => state.hash);
  const { title, what, kept, action } = describeFailure(failure);
  const details = { failure, program: version, shaders, adapter, browser: navigator.userAgent };
  return (
    <section className="failure">
      <h2>{title}</h2>
      <p>{what}</p>
      <p>{kept}</p>
      <p>{action}</p>
      <details>
        <summary>Technical details</summary>
        <pre>{JSON.stringify(details, null, 2)}</pre>
      </details>
      <button type="button" className="button" onClick={tryAgain}>
        Try again
      </button>
    </section>
  );
}
