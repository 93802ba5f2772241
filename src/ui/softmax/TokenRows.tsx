import type { CSSProperties } from 'react';
import type { Push } from '../../rl/one_softmax';
import { changePush, LOGIT_BOUND, setLogit, TOKENS } from '../../store/softmax';
import { percent } from '../format';

/** A row for each token: which one was sampled, its logit, its probability before and after as bars and numbers. */
export function TokenRows(props: {
  push: Push;
  /** (V) each. */
  before: readonly number[];
  after: readonly number[];
}) {
  const { push, before, after } = props;
  return (
    <table className="softmax-tokens">
      <caption className="hidden-text">
        The distribution: sampled token, logits, probabilities before and after the push
      </caption>
      <thead>
        <tr>
          <th scope="col">token</th>
          <th scope="col">logit</th>
          <th scope="col">
            <span className="softmax-word">probability</span>
            <span className="softmax-legend">
              <span className="softmax-key" data-when="before" aria-hidden="true" /> before
            </span>
            <span className="softmax-legend">
              <span className="softmax-key" data-when="after" aria-hidden="true" /> after
            </span>
          </th>
          <th scope="col">
            <span className="hidden-text">numbers</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {TOKENS.map((name, v) => (
          <TokenRow
            key={name}
            name={name}
            token={v}
            logit={push.logits[v] ?? 0}
            chosen={push.token === v}
            before={before[v] ?? 0}
            after={after[v] ?? 0}
          />
        ))}
      </tbody>
    </table>
  );
}

function TokenRow(props: {
  name: string;
  token: number;
  logit: number;
  chosen: boolean;
  before: number;
  after: number;
}) {
  const { name, token, logit, chosen, before, after } = props;
  return (
    <tr data-chosen={chosen || undefined}>
      <th scope="row">
        <label>
          <input
            type="radio"
            name="softmax-token"
            aria-label={`Sampled token ${name}`}
            checked={chosen}
            onChange={() => changePush({ token })}
          />
          {name}
        </label>
      </th>
      <td>
        <input
          type="range"
          min={-LOGIT_BOUND}
          max={LOGIT_BOUND}
          step={0.1}
          value={logit}
          aria-label={`Logit of ${name}`}
          onChange={(event) => setLogit(token, Number(event.target.value))}
        />
      </td>
      <td className="softmax-bars" aria-hidden="true">
        <Bar when="before" probability={before} />
        <Bar when="after" probability={after} />
      </td>
      <td className="softmax-numbers">
        {percent(before)} <span aria-hidden="true">→</span>
        <span className="hidden-text">before,</span> {percent(after)}
        <span className="hidden-text"> after</span>
      </td>
    </tr>
  );
}

function Bar({ when, probability }: { when: 'before' | 'after'; probability: number }) {
  const style = { '--share': `${(100 * probability).toFixed(2)}%` } as CSSProperties;
  return <div className="softmax-bar" data-when={when} style={style} />;
}
