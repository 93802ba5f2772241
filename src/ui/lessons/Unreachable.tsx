import { PassingButton } from '../PassingButton';

/** Said where the record of a lesson's experiment could not be fetched, or not be read: there may well be one. */
export function Unreachable({ why, tryAgain }: { why: string; tryAgain: () => void }) {
  return (
    <div className="lesson-unrecorded small">
      <p>
        <strong>{why}</strong> The lesson goes on without it; the measured answer needs it.
      </p>
      <PassingButton className="button" onClick={tryAgain}>
        Try again
      </PassingButton>
    </div>
  );
}
