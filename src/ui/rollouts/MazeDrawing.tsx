import { column, MazeGrid, row, type Maze } from './MazeGrid';

/** The grid with its walls, start (ring), goal (square) and the path taken; an illegal move ends in a cross. */
export function MazeDrawing({ maze }: { maze: Maze }) {
  const { size, start, path, illegal } = maze;
  const legal = [start, ...path.slice(0, illegal ?? path.length)];
  const last = legal[legal.length - 1] ?? start;
  const wrong = illegal === null ? undefined : path[illegal];
  const [x, y] = [column(size), row(size)];
  return (
    <svg className="maze" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={describe(maze)}>
      <MazeGrid maze={maze} />
      <polyline className="path" points={legal.map((cell) => `${x(cell)},${y(cell)}`).join(' ')} />
      {wrong !== undefined && (
        <>
          <line className="path illegal" x1={x(last)} y1={y(last)} x2={x(wrong)} y2={y(wrong)} />
          <circle className="stop" cx={x(wrong)} cy={y(wrong)} r="0.32" />
          <path
            className="cross"
            d={`M${x(wrong) - 0.14} ${y(wrong) - 0.14}l.28 .28m0 -.28l-.28 .28`}
            fill="none"
          />
        </>
      )}
    </svg>
  );
}

function describe({ size, start, goal, path, illegal, finished }: Maze): string {
  const place = (cell: number) => `row ${Math.floor(cell / size) + 1} column ${(cell % size) + 1}`;
  const end =
    illegal !== null
      ? `move ${illegal + 1} is illegal`
      : finished
        ? `ends at ${place(path[path.length - 1] ?? start)}`
        : 'does not end';
  return `Maze ${size} by ${size}, from ${place(start)} to ${place(goal)}: ${path.length} moves, ${end}.`;
}
