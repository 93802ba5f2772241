import type { ReactNode } from 'react';

/** Holds a table of numbers: it scrolls by itself, also by keyboard. */
export function DataRegion(props: { label: string; className?: string; children: ReactNode }) {
  const { label, className, children } = props;
  return (
    <div
      className={className === undefined ? 'data' : `data ${className}`}
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      {children}
    </div>
  );
}
