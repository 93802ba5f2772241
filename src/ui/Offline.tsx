import { useOffline } from '../store/offline';

/** Says that a newer version of the site has been fetched. It never takes an open page's place: see service_worker.ts. */
export function NewerVersion() {
  const newer = useOffline((state) => state.newer);
  // There from the start, so that screen readers tell what appears in it.
  return (
    <div aria-live="polite">
      {newer && (
        <p className="keeping small">
          A newer version of this page is here. It opens once every tab of this page has been
          closed; kept runs stay in the library.
        </p>
      )}
    </div>
  );
}

/** Says so once the browser has the whole site. */
export function WithoutNetwork() {
  const kept = useOffline((state) => state.kept);
  return kept ? 'This browser has kept the page: it opens without a network too.' : null;
}
