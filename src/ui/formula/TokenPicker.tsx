import type { GroupView } from '../../worker/protocol';
import { signed } from '../format';
import type { Distinct } from '../rollouts/distinct';
import type { ChosenToken } from './values';

/** Places from 0: of a distinct response in the group, and of a token in it. */
interface Place {
  readonly response: number;
  readonly token: number;
}

/** The newest rollouts of the prompt that is shown: which response, and which of its tokens, the formula is read for. */
export function TokenPicker(props: {
  group: GroupView | null;
  responses: readonly Distinct[];
  /** Of the chosen response. */
  tokens: readonly ChosenToken[];
  place: Place;
  onPick: (place: Place) => void;
}) {
  const { group, responses, tokens, place, onPick } = props;
  if (group === null || responses.length === 0) {
    return (
      <p className="quiet small formula-tokens">
        Values of a token are shown when there are rollouts.
      </p>
    );
  }
  return (
    <fieldset className="formula-tokens">
      <legend className="small">
        Read for a token of a response to {group.prompt.join(' ')},{' '}
        {group.step === 0 ? 'before training' : `step ${group.step}`}
      </legend>
      <label className="formula-response">
        <span className="small">Response</span>
        <select
          className="plain-select"
          value={place.response}
          onChange={(event) => onPick({ response: Number(event.target.value), token: 0 })}
        >
          {responses.map((distinct, i) => (
            <option key={distinct.key} value={i}>
              {responseWords(distinct, i + 1)}
            </option>
          ))}
        </select>
      </label>
      <div className="formula-strip">
        {tokens.map(({ text }, i) => (
          <label key={i} className="formula-token" data-chosen={i === place.token || undefined}>
            <input
              type="radio"
              name="formula-token"
              aria-label={`Token ${i + 1}, ${text}`}
              checked={i === place.token}
              onChange={() => onPick({ ...place, token: i })}
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** 2: L 1 5 4 ⏎, ✓, A +0.94, ×3. Numbered as among the rollouts. */
function responseWords({ rollout, times }: Distinct, number: number): string {
  const { tokens, reward, advantage } = rollout;
  const parts = [tokens.join(' '), reward > 0 ? '✓' : '✗', `A ${signed(advantage)}`];
  return `${number}: ${parts.join(', ')}${times > 1 ? `, ×${times}` : ''}`;
}
