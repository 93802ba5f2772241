import type { ReactNode } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { PartFailed } from './PartFailed';

/** A part of the page that may fail without taking the rest with it: it says so in its place. */
export function Fallible(props: {
  /** As the reader knows the part; begins a sentence. */
  name: string;
  /** Before another attempt. */
  onRetry?: () => void;
  /** Where the part can be done without, as a dialog can. */
  onClose?: () => void;
  children: ReactNode;
}) {
  const { name, onRetry, onClose, children } = props;
  return (
    <ErrorBoundary
      {...(onRetry === undefined ? {} : { onReset: onRetry })}
      fallbackRender={({ error, resetErrorBoundary }) => (
        <PartFailed
          name={name}
          error={error}
          onRetry={resetErrorBoundary}
          {...(onClose === undefined ? {} : { onClose })}
        />
      )}
    >
      {children}
    </ErrorBoundary>
  );
}
