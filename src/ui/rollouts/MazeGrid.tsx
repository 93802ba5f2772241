import type { Drawing } from '../../tasks/task';

export type Maze = Extract<Drawing, { kind: 'maze' }>;

/** The cells of a maze with its walls, goal (square) and start (ring); a cell is 1 wide. */
export function MazeGrid({ maze }: { maze: Pick<Maze, 'size' | 'start' | 'goal' | 'walls'> }) {
  const { size, start, goal, walls } = maze;
  const [x, y] = [column(size), row(size)];
  return (
    <>
      {Array.from({ length: size * size }, (_, cell) => (
        <rect
          key={cell}
          className={walls.includes(cell) ? 'cell wall' : 'cell'}
          x={cell % size}
          y={Math.floor(cell / size)}
          width="1"
          height="1"
        />
      ))}
      <rect className="goal" x={x(goal) - 0.22} y={y(goal) - 0.22} width="0.44" height="0.44" />
      <circle className="start" cx={x(start)} cy={y(start)} r="0.28" />
    </>
  );
}

/** Where the middle of a cell lies across. */
export const column = (size: number) => (cell: number) => (cell % size) + 0.5;
/** And down. */
export const row = (size: number) => (cell: number) => Math.floor(cell / size) + 0.5;
