import type { CSSProperties } from 'react';
import { likeliest } from './likeliest';
import { share } from './token_words';

/** A token's distribution before and after the updates: the likeliest tokens, the one that was drawn, and the rest. */
export function DistributionBars(props: {
  vocabulary: readonly string[];
  before: readonly number[];
  after: readonly number[] | null;
  sampled: string;
}) {
  const { vocabulary, before, after, sampled } = props;
  const rows = likeliest(vocabulary, before, after, sampled);
  return (
    <table className="distribution">
      <caption>
        What it was drawn from{after !== null && ', and what the updates made of that'}
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="hidden-text">token</span>
          </th>
          <td />
          <th scope="col">before</th>
          {after !== null && <th scope="col">after</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name} data-sampled={row.sampled || undefined}>
            <th scope="row">
              {row.name}
              {row.sampled && <span className="hidden-text">, drawn</span>}
            </th>
            <td className="bars" aria-hidden="true">
              <Bar className="bar-before" probability={row.before} />
              {row.after !== null && <Bar className="bar-after" probability={row.after} />}
            </td>
            <td>{share(row.before)}</td>
            {row.after !== null && <td>{share(row.after)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Bar({ className, probability }: { className: string; probability: number }) {
  const width = Number.isFinite(probability) ? probability * 100 : 0;
  return <i className={className} style={{ '--share': `${width.toFixed(2)}%` } as CSSProperties} />;
}
