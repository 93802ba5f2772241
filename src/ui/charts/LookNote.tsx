import { useRun } from '../../store/run';
import { useView } from '../../store/view';
import { decimal } from '../format';
import { pan, zoomWithin } from './look';

/** In what way the charts show something else than the whole run as measured, and the way back; else nothing. */
export function LookNote() {
  const total = useRun((state) => state.total);
  const zoom = zoomWithin(
    useView((state) => state.zoom),
    total,
  );
  const smoothing = useView((state) => state.smoothing);
  const setZoom = useView((state) => state.setZoom);
  if (zoom === null && smoothing === 0) return null;
  return (
    <p className="look-note small">
      {zoom !== null && (
        <>
          <span>
            Steps {zoom.from} to {zoom.to} of {total}
          </span>
          <button
            type="button"
            className="link-button"
            disabled={zoom.from <= 1}
            onClick={() => setZoom(pan(zoom, -1, total))}
          >
            Earlier
          </button>
          <button
            type="button"
            className="link-button"
            disabled={zoom.to >= total}
            onClick={() => setZoom(pan(zoom, 1, total))}
          >
            Later
          </button>
          <button type="button" className="link-button" onClick={() => setZoom(null)}>
            All steps
          </button>
        </>
      )}
      {smoothing > 0 && (
        <span className="quiet">
          Smoothed by {decimal(smoothing)}; the pale lines are as measured.
        </span>
      )}
    </p>
  );
}
