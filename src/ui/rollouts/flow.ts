import type { Drawing } from '../../tasks/task';
import type { RolloutView } from '../../worker/protocol';
import { signed } from '../format';

type Maze = Extract<Drawing, { kind: 'maze' }>;

/** A move that responses of a group take. */
export interface FlowEdge {
  readonly from: number;
  readonly to: number;
  /** Responses that take it, each once. */
  readonly responses: number;
  /** Mean advantage of those responses. */
  readonly advantage: number;
  readonly illegal: boolean;
}

/** The paths of all responses of a group on one maze. */
export interface Flow {
  readonly maze: Pick<Maze, 'size' | 'start' | 'goal' | 'walls'>;
  readonly responses: number;
  readonly reached: number;
  readonly illegal: number;
  /** Responses that stop in a cell that is not the goal, after legal moves only. */
  readonly stops: readonly { readonly cell: number; readonly responses: number }[];
  /** By how many take them, most first. */
  readonly edges: readonly FlowEdge[];
}

/** The flow of a group of mazes, or null where there is none. An illegal move counts and ends its path. */
export function flowOf(rollouts: readonly RolloutView[]): Flow | null {
  const edges = new Map<string, { edge: Omit<FlowEdge, 'advantage'>; advantages: number[] }>();
  const stops = new Map<number, number>();
  let maze: Maze | null = null;
  let reached = 0;
  let illegal = 0;
  for (const { drawing, advantage } of rollouts) {
    if (drawing.kind !== 'maze') return null;
    maze ??= drawing;
    for (const [key, edge] of movesOf(drawing)) {
      const entry = edges.get(key) ?? { edge: { ...edge, responses: 0 }, advantages: [] };
      entry.advantages.push(advantage);
      edges.set(key, entry);
    }
    if (drawing.illegal !== null) {
      illegal += 1;
      continue;
    }
    const last = drawing.path.at(-1) ?? drawing.start;
    if (last === drawing.goal && drawing.finished) reached += 1;
    else stops.set(last, (stops.get(last) ?? 0) + 1);
  }
  if (maze === null) return null;
  const { size, start, goal, walls } = maze;
  return {
    maze: { size, start, goal, walls },
    responses: rollouts.length,
    reached,
    illegal,
    stops: [...stops].map(([cell, responses]) => ({ cell, responses })),
    edges: [...edges.values()]
      .map(({ edge, advantages }) => ({
        ...edge,
        responses: advantages.length,
        advantage: advantages.reduce((sum, own) => sum + own, 0) / advantages.length,
      }))
      .sort((a, b) => b.responses - a.responses),
  };
}

/** The moves of one response, each once, by what tells them apart. */
function movesOf({
  start,
  path,
  illegal,
}: Maze): Map<string, Pick<FlowEdge, 'from' | 'to' | 'illegal'>> {
  const moves = new Map<string, Pick<FlowEdge, 'from' | 'to' | 'illegal'>>();
  let from = start;
  for (const [i, to] of path.entries()) {
    const wrong = i === illegal;
    moves.set(`${from} ${to} ${wrong}`, { from, to, illegal: wrong });
    if (wrong) break;
    from = to;
  }
  return moves;
}

/** The name of a cell as the task's tokens write it. */
export function cellName(cell: number, size: number): string {
  return `${'abcdefgh'[cell % size] ?? '?'}${Math.floor(cell / size) + 1}`;
}

const TOLD_EDGES = 5;

/** The flow in words, for those who cannot see it. */
export function flowWords({ maze, responses, reached, illegal, stops, edges }: Flow): string {
  const name = (cell: number) => cellName(cell, maze.size);
  const short = stops.reduce((sum, stop) => sum + stop.responses, 0);
  const told = edges.slice(0, TOLD_EDGES).map((edge) => {
    const wrong = edge.illegal ? ', illegal' : '';
    return `${name(edge.from)} to ${name(edge.to)} by ${edge.responses}${wrong}, mean advantage ${signed(edge.advantage)}`;
  });
  return (
    `Paths of ${responses} responses from ${name(maze.start)} to ${name(maze.goal)}: ${reached} reach the goal, ` +
    `${illegal} make an illegal move, ${short} stop elsewhere. Most taken moves: ${told.join('; ')}.`
  );
}
