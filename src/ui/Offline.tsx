import { takeUpNewer, useOffline } from '../store/offline';

/** Offers a newer version of the site that has been fetched; the reader says when it may take this one's place. */
export function NewerVersion() {
  const newer = useOffline((state) => state.newer);
  if (!newer) return null;
  return (
    <p className="keeping small" aria-live="polite">
      A newer version of this page is ready. What is trained here is saved first and goes on from
      the library.{' '}
      <button type="button" className="link-button" onClick={() => void takeUpNewer()}>
        Load the newer version
      </button>
    </p>
  );
}

/** Says so once the browser has the whole site. */
export function WithoutNetwork() {
  const kept = useOffline((state) => state.kept);
  return kept ? 'This browser has kept the page: it opens without a network too.' : null;
}
