import type { CSSProperties } from 'react';
import { Toolbar } from 'radix-ui';
import type { Colouring } from '../../store/microscope';
import type { RolloutView } from '../../worker/protocol';
import { looksOf, valueText, type Scale } from './colouring';
import { tokenFacts } from './token_facts';

/** Share of the tint where a scale ends; the rest stays the background's, so that text reads. */
const MOST_TINT = 85;

/** A response token by token, tinted by what was chosen; a press opens a token. One stop of the Tab key, then arrows. */
export function TokenStrip(props: {
  rollout: RolloutView;
  name: string;
  colouring: Colouring;
  scale: Scale;
  chosen: number | null;
  onChoose: (token: number | null) => void;
}) {
  const { rollout, name, colouring, scale, chosen, onChoose } = props;
  return (
    <Toolbar.Root className="tokens" aria-label={name}>
      {rollout.tokens.map((token, i) => {
        const facts = tokenFacts(rollout, i);
        const { tint, sign, clip } = looksOf(scale, facts);
        const value = valueText(colouring, facts);
        return (
          <Toolbar.Button
            key={i}
            className="token"
            title={value}
            aria-label={`${token}, ${value}`}
            aria-expanded={chosen === i}
            data-sign={sign ?? undefined}
            data-clip={clip ?? undefined}
            style={{ '--tint': `${(tint * MOST_TINT).toFixed(1)}%` } as CSSProperties}
            onClick={() => onChoose(chosen === i ? null : i)}
          >
            {token}
          </Toolbar.Button>
        );
      })}
    </Toolbar.Root>
  );
}
