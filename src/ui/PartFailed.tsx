import { useEffect, useRef } from 'react';
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
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef(document.activeElement);
  const close = () => {
    onClose?.();
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  const retry = () => {
    // What stands around it stays, and takes the focus that the button has.
    const around = box.current?.parentElement;
    if (around instanceof HTMLElement) {
      around.tabIndex = -1;
      around.focus({ preventScroll: true });
    }
    onRetry();
  };
  useEffect(() => {
    if (onClose === undefined) return;
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onClose();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [onClose]);
  return (
    <div ref={box} className="failure part-failed" role="alert" data-floats={onClose !== undefined}>
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
          <pre tabIndex={0}>{errorText(error)}</pre>
        </details>
      )}
      <div className="part-failed-ways">
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload the page
        </button>
        {onClose !== undefined && (
          <button type="button" className="button" onClick={close}>
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
