import type { CSSProperties } from 'react';
import type { Push } from '../../rl/one_softmax';
import { changePush, setLogit, useSoftmax } from '../../store/softmax';
import { share } from '../rollouts/token_words';

/** Tokens that get a row; of a larger vocabulary the rest share one. */
const MOST_ROWS = 32;
/** With more rows than these they stand closer. */
const FEW_ROWS = 8;

/** A row for each token: which one was sampled, its logit, its probability before and after as bars and numbers. */
export function TokenRows(props: {
  push: Push;
  /** (V) each. */
  before: readonly number[];
  after: readonly number[];
}) {
  const { push, before, after } = props;
  const tokens = useSoftmax((state) => state.tokens);
  const rows = tokens.map((name, v) => ({ name, v }));
  const shown = rows.filter(({ v }) => v < MOST_ROWS || v === push.token);
  const rest = rows.filter((row) => !shown.includes(row));
  const sum = (probabilities: readonly number[]) =>
    rest.reduce((total, { v }) => total + (probabilities[v] ?? 0), 0);
  return (
    <div className="softmax-scroll">
      <table className="softmax-tokens" data-many={shown.length > FEW_ROWS || undefined}>
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
          {shown.map(({ name, v }) => (
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
          {rest.length > 0 && (
            <tr>
              <th scope="row">{rest.length} others</th>
              <td />
              <ProbabilityCells before={sum(before)} after={sum(after)} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
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
  const bounds = useSoftmax((state) => state.bounds);
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
          {...bounds}
          step={0.1}
          value={logit}
          aria-label={`Logit of ${name}`}
          onChange={(event) => setLogit(token, Number(event.target.value))}
        />
      </td>
      <ProbabilityCells before={before} after={after} />
    </tr>
  );
}

function ProbabilityCells({ before, after }: { before: number; after: number }) {
  return (
    <>
      <td className="softmax-bars" aria-hidden="true">
        <Bar when="before" probability={before} />
        <Bar when="after" probability={after} />
      </td>
      <td className="softmax-numbers">
        {share(before)} <span aria-hidden="true">→</span>
        <span className="hidden-text">before,</span> {share(after)}
        <span className="hidden-text"> after</span>
      </td>
    </>
  );
}

function Bar({ when, probability }: { when: 'before' | 'after'; probability: number }) {
  const style = { '--share': `${(100 * probability).toFixed(2)}%` } as CSSProperties;
  return <div className="softmax-bar" data-when={when} style={style} />;
}
