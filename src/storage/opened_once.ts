/**
 * Opens something at the first call and gives the same at every later one, until it refuses or says by the callback that it
 * is lost: then the next call opens it anew.
 */
export function openedOnce<T extends { close(): void }>(
  open: (lost: () => void) => Promise<T>,
): () => Promise<T> {
  let kept: Promise<T> | null = null;
  return () => {
    const opened = (kept ??= open(() => {
      void opened.then((gone) => gone.close()).catch(() => undefined);
      kept = null;
    }));
    opened.catch(() => (kept = null));
    return opened;
  };
}
