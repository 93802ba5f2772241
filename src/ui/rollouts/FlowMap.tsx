import type { CSSProperties } from 'react';
import { cellName, flowWords, type Flow, type FlowEdge } from './flow';
import { column, MazeGrid, row } from './MazeGrid';

/** Widths of a move's line in cells: that of one response at least, and that of all. */
const THINNEST = 0.035;
const WIDEST = 0.3;
/** Cells that a move is shifted to its right where others go the other way. */
const SHIFT = 0.13;
/** Cells around the grid for the names of columns and rows. */
const MARGIN = 0.55;

/** The paths of all responses of a group on one maze: the wider a line, the more take it. */
export function FlowMap({ flow }: { flow: Flow }) {
  const { maze, responses, reached, illegal, stops, edges } = flow;
  const { size } = maze;
  const [x, y] = [column(size), row(size)];
  const limit = Math.max(0, ...edges.map(({ advantage }) => Math.abs(advantage)));
  const short = stops.reduce((sum, stop) => sum + stop.responses, 0);
  const names = Array.from({ length: size }, (_, i) => cellName(i * size + i, size));
  return (
    <figure className="overview flow" aria-labelledby="flow-title">
      <h3 id="flow-title">All {responses} paths</h3>
      <svg
        className="maze"
        viewBox={`${-MARGIN} ${-MARGIN} ${size + MARGIN} ${size + MARGIN}`}
        role="img"
        aria-label={flowWords(flow)}
      >
        {names.map((name, i) => (
          <g key={name} className="cell-name">
            <text x={i + 0.5} y={-0.18}>
              {name[0]}
            </text>
            <text x={-0.3} y={i + 0.62}>
              {name[1]}
            </text>
          </g>
        ))}
        <MazeGrid maze={maze} />
        {edges.toReversed().map((edge) => (
          <Move
            key={`${edge.from} ${edge.to} ${edge.illegal}`}
            edge={edge}
            size={size}
            total={responses}
            limit={limit}
            shifted={edges.some(({ from, to }) => from === edge.to && to === edge.from)}
          />
        ))}
        {stops.map((stop) => (
          <circle
            key={stop.cell}
            className="flow-stop"
            cx={x(stop.cell)}
            cy={y(stop.cell)}
            r={0.08 + 0.16 * Math.sqrt(stop.responses / responses)}
          />
        ))}
      </svg>
      <figcaption className="quiet small">
        {reached} reach the goal ■{short > 0 && `, ${short} stop elsewhere ○`}
        {illegal > 0 && `, ${illegal} make an illegal move ✕`}. Width: how many take a move.{' '}
        {limit > 0 ? (
          <>
            Tint: their mean advantage, <span className="flow-key" data-sign="plus" /> above 0,{' '}
            <span className="flow-key" data-sign="minus" /> below.
          </>
        ) : (
          'Every advantage is 0.'
        )}
      </figcaption>
    </figure>
  );
}

function Move(props: {
  edge: FlowEdge;
  size: number;
  total: number;
  /** Largest mean advantage in size. */
  limit: number;
  shifted: boolean;
}) {
  const { edge, size, total, limit, shifted } = props;
  const [x, y] = [column(size), row(size)];
  const [dx, dy] = [x(edge.to) - x(edge.from), y(edge.to) - y(edge.from)];
  const length = Math.hypot(dx, dy) || 1;
  const shift = shifted && !edge.illegal ? SHIFT / length : 0;
  const [sx, sy] = [-dy * shift, dx * shift];
  const width = Math.max(THINNEST, (WIDEST * edge.responses) / total);
  // A wrong move is only begun: it may lead across the grid.
  const reach = edge.illegal ? Math.min(1, 0.62 / length) : 1;
  const [endX, endY] = [x(edge.from) + dx * reach, y(edge.from) + dy * reach];
  const tint = limit > 0 ? Math.abs(edge.advantage) / limit : 0;
  const sign = edge.advantage > 0 ? 'plus' : edge.advantage < 0 ? 'minus' : undefined;
  const style = {
    '--tint': `${(30 + 70 * tint).toFixed(0)}%`,
    '--width': width.toFixed(3),
  } as CSSProperties;
  return (
    <g data-sign={sign} style={style}>
      <line
        className="flow-move"
        x1={x(edge.from) + sx}
        y1={y(edge.from) + sy}
        x2={endX + sx}
        y2={endY + sy}
      />
      {edge.illegal && (
        <path className="cross" fill="none" d={`M${endX - 0.1} ${endY - 0.1}l.2 .2m0 -.2l-.2 .2`} />
      )}
    </g>
  );
}
