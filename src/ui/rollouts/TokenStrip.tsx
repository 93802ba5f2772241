import type { CSSProperties } from 'react';
import { decimal } from '../format';

/** Share of the tint at the entropy of a uniform policy; the rest stays the background's, so that text reads. */
const MOST_TINT = 85;

/** A response token by token; the warmer the tint, the less decided the policy was there. */
export function TokenStrip(props: {
  tokens: readonly string[];
  entropy: readonly number[];
  /** Entropy of a uniform policy, nats. */
  uniform: number;
}) {
  return (
    <div className="tokens">
      {props.tokens.map((token, i) => {
        const nats = props.entropy[i] ?? 0;
        const warmth = Math.min(1, nats / props.uniform) * MOST_TINT;
        return (
          <span
            key={i}
            className="token"
            title={`entropy ${decimal(nats)} nats`}
            style={{ '--warmth': `${warmth.toFixed(1)}%` } as CSSProperties}
          >
            {token}
          </span>
        );
      })}
    </div>
  );
}
