import { NotFetched } from './notFetched';

/** What stands in the place of a part of the page that failed: what happened, that the rest goes on, and what to do. */
export function PartFailed(props: {
  name: string;
  error: unknown;
  onRetry: () => void;
  onClose?: () => void;
}) {
  const { name, error, onRetry, onClose } = props;
  const unfetched = error instanceof NotFetched;
  return (
    <div className="failure part-failed" role="alert" data-floats={onClose !== undefined}>
      <p>
        <strong>
          {name}{' '}
          {unfetched ? 'could not be fetched: the site does not answer.' : 'failed: our mistake.'}
        </strong>{' '}
        Everything else goes on, and so does the training. If trying again does not help, reload the
        page: what was trained is kept, up to the step that the line under Run says.
      </p>
      {!unfetched && (
        <details>
          <summary>Technical details</summary>
          <pre>{errorText(error)}</pre>
        </details>
      )}
      <div className="part-failed-ways">
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload the page
        </button>
        {onClose !== undefined && (
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        )}
      </div>
    </div>
  );
}

/** An error for whoever mends it. */
export function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
