import { useFileDrop } from './useFileDrop';

/** Covers the page while a file is dragged over it. */
export function DropHint() {
  const over = useFileDrop();
  if (!over) return null;
  return (
    <div className="drop-hint" aria-hidden="true">
      <p>Drop a run file to add it to your runs, or a policy to import it</p>
    </div>
  );
}
