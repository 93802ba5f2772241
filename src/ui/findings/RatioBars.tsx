import { csv } from '../../export/csv';
import { DataRegion } from '../charts/DataRegion';
import { Figure } from '../charts/Figure';
import { DRAWING, FigureMenu } from '../charts/FigureMenu';
import { FullScreen } from '../charts/FullScreen';
import { decimal } from '../format';

const WIDTH = 560;
const HEIGHT = 190;
const LEFT = 8;
const BASE = 92;
const BAR = 70;

/** Histogram of the ratios: positive advantages upward, negative ones downward, the clip range between the lines. */
export function RatioBars(props: {
  edges: readonly number[];
  positive: readonly number[];
  negative: readonly number[];
  lowest: number;
  highest: number;
  note: string;
}) {
  const { edges, positive, negative, lowest, highest, note } = props;
  const width = (edges[1] ?? 1) - (edges[0] ?? 0);
  const first = edges[0] ?? 0;
  const last = (edges.at(-1) ?? 1) + width;
  const x = (ratio: number) =>
    LEFT + ((Math.min(last, Math.max(first, ratio)) - first) / (last - first)) * (WIDTH - 2 * LEFT);
  const most = Math.max(1, ...positive, ...negative);
  // A root scale: nearly all tokens lie at 1, and the tails are what clipping is about.
  const height = (count: number) => Math.sqrt(count / most) * BAR;
  const total = [...positive, ...negative].reduce((sum, count) => sum + count, 0);
  const bars = (
    <svg className={`ratio-bars ${DRAWING}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect
        className="ratio-range"
        x={x(lowest)}
        y={BASE - BAR - 6}
        width={Math.max(0, x(highest) - x(lowest))}
        height={2 * BAR + 12}
      />
      {edges.map((edge, i) => {
        const [from, to] = [x(edge) + 1, x(edge + width) - 1];
        const up = height(positive[i] ?? 0);
        const down = height(negative[i] ?? 0);
        return (
          <g key={edge}>
            <rect className="ratio-up" x={from} width={to - from} y={BASE - up} height={up} />
            <rect className="ratio-down" x={from} width={to - from} y={BASE} height={down} />
          </g>
        );
      })}
      <line x1={LEFT} x2={WIDTH - LEFT} y1={BASE} y2={BASE} stroke="var(--rule-strong)" />
      {[lowest, 1, highest].map((ratio, i) => (
        <text key={i} x={x(ratio)} y={HEIGHT - 6} textAnchor="middle">
          {decimal(ratio)}
        </text>
      ))}
      <text x={LEFT} y={12}>
        A &gt; 0
      </text>
      <text x={LEFT} y={HEIGHT - 22}>
        A &lt; 0
      </text>
    </svg>
  );
  const [title, unit] = ['Ratio', 'tokens by new over old probability; heights grow with the root'];
  return (
    <Figure
      id="ratios"
      title={title}
      unit={unit}
      menu={
        <FigureMenu
          title={title}
          unit={unit}
          fileName={() => 'ratios'}
          csv={() => csvOf(edges, positive, negative)}
          legend={() => []}
          large={(closing) => (
            <FullScreen title={title} unit={unit} help={note} {...closing}>
              {bars}
            </FullScreen>
          )}
        />
      }
      level={3}
      summary={`Ratios of ${total} tokens. ${note}`}
      caption={<p className="small quiet">{note}</p>}
      data={() => (
        <DataRegion label="Tokens by ratio">
          <table>
            <caption>Tokens by ratio</caption>
            <thead>
              <tr>
                <th scope="col">from</th>
                <th scope="col">A &gt; 0</th>
                <th scope="col">A &lt; 0</th>
              </tr>
            </thead>
            <tbody>
              {edges.map((edge, i) => (
                <tr key={edge}>
                  <th scope="row">{i === 0 ? 'below' : decimal(edge)}</th>
                  <td>{positive[i] ?? 0}</td>
                  <td>{negative[i] ?? 0}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </DataRegion>
      )}
    >
      {bars}
    </Figure>
  );
}

/** A row for each bin; the first holds everything below it, too. */
function csvOf(
  edges: readonly number[],
  positive: readonly number[],
  negative: readonly number[],
): string {
  const rows = edges.map((edge, i) => [edge, positive[i] ?? 0, negative[i] ?? 0]);
  return csv(['from', 'A > 0', 'A < 0'], rows);
}
