import { useState } from 'react';
import { linkToPage } from '../store/link';
import { useExperiment } from '../store/experiment';

/** Copies a link that opens this experiment, with the settings as they are now, on any computer; it starts nothing there. */
export function ShareButton() {
  const [said, setSaid] = useState('');
  const ready = useExperiment((state) => state.arms.length > 0);
  const copy = async () => {
    const link = linkToPage();
    try {
      await navigator.clipboard.writeText(link);
      setSaid('Link copied.');
    } catch {
      // Without the clipboard the address is still there to be copied by hand.
      setSaid('The link is in the address bar.');
    }
  };
  return (
    <span className="share small">
      <button
        type="button"
        className="link-button"
        disabled={!ready}
        onBlur={() => setSaid('')}
        onClick={() => void copy()}
      >
        Copy a link to this
      </button>{' '}
      <span className="quiet" aria-live="polite">
        {said}
      </span>
    </span>
  );
}
