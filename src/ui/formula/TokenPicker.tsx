import type { GroupView } from '../../worker/protocol';
import type { ChosenToken } from './values';

/** The first response of the newest rollouts, token by token: which one the formula is read for. */
export function TokenPicker(props: {
  tokens: readonly ChosenToken[];
  at: number;
  group: GroupView | null;
  onPick: (at: number) => void;
}) {
  const { tokens, at, group, onPick } = props;
  if (group === null || tokens.length === 0) {
    return (
      <p className="quiet small formula-tokens">
        Values of a token are shown when there are rollouts; a recorded run has none here.
      </p>
    );
  }
  const chosen = Math.min(at, tokens.length - 1);
  return (
    <fieldset className="formula-tokens">
      <legend className="small">
        Read for a token of the first response to {group.prompt.join(' ')},{' '}
        {group.step === 0 ? 'before training' : `step ${group.step}`}
      </legend>
      <div className="formula-strip">
        {tokens.map(({ text }, i) => (
          <label key={i} className="formula-token" data-chosen={i === chosen || undefined}>
            <input
              type="radio"
              name="formula-token"
              aria-label={`Token ${i + 1}, ${text}`}
              checked={i === chosen}
              onChange={() => onPick(i)}
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
