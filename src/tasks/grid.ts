/** Distance of a cell from which the goal cannot be reached. */
export const UNREACHABLE = Number.POSITIVE_INFINITY;

/** The cells above, below, left and right of each cell of a square grid; a cell is row * size + column. */
export function gridNeighbours(size: number): number[][] {
  return Array.from({ length: size * size }, (_, cell) => {
    const row = Math.floor(cell / size);
    const column = cell % size;
    const around: number[] = [];
    if (row > 0) around.push(cell - size);
    if (row < size - 1) around.push(cell + size);
    if (column > 0) around.push(cell - 1);
    if (column < size - 1) around.push(cell + 1);
    return around;
  });
}

/** Moves from each cell to the goal without entering a wall (breadth-first from the goal). */
export function distancesTo(
  goal: number,
  walls: ReadonlySet<number>,
  neighbours: readonly (readonly number[])[],
): number[] {
  const distance = neighbours.map(() => UNREACHABLE);
  distance[goal] = 0;
  const queue = [goal];
  for (const cell of queue) {
    for (const next of neighbours[cell]) {
      if (distance[next] !== UNREACHABLE || walls.has(next)) continue;
      distance[next] = distance[cell] + 1;
      queue.push(next);
    }
  }
  return distance;
}
