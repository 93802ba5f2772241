import { Fragment, useMemo } from 'react';
import { tokenize } from './wgsl_tokens';

/** A shader's code, coloured. Text nodes only. */
export function WgslSource({ code, label }: { code: string; label: string }) {
  const tokens = useMemo(() => tokenize(code), [code]);
  return (
    <pre className="wgsl" tabIndex={0} role="region" aria-label={label}>
      <code>
        {tokens.map(({ kind, text }, i) =>
          kind === 'plain' ? (
            <Fragment key={i}>{text}</Fragment>
          ) : (
            <span key={i} data-kind={kind}>
              {text}
            </span>
          ),
        )}
      </code>
    </pre>
  );
}
