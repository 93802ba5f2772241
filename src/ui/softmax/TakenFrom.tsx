import {
  dropToken,
  restoreToken,
  samePush,
  useSoftmax,
  type TokenSource,
} from '../../store/softmax';
import { sourceWords, trainedWords } from './words';

/** Which token of the rollouts the distribution is of, and the ways back. */
export function TakenFrom({ source }: { source: TokenSource }) {
  const changed = useSoftmax(({ push, taken }) => taken !== null && !samePush(push, taken.start));
  const token = useSoftmax(({ tokens, taken }) => tokens[taken?.start.token ?? 0] ?? '');
  return (
    <div className="softmax-from">
      <p id="softmax-from">
        {sourceWords(source, token)} {trainedWords(source)}
      </p>
      <p className="softmax-ways">
        <button
          type="button"
          className="scope-button"
          aria-disabled={!changed}
          onClick={restoreToken}
        >
          As it was drawn
        </button>
        <button type="button" className="scope-button" onClick={dropToken}>
          Back to tokens A to F
        </button>
      </p>
    </div>
  );
}
