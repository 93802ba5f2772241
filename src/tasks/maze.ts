import { permutation, pick } from '../rl/random';
import { gridNeighbours, distancesTo } from './grid';
import { counted, readResponse, tokenText } from './response';
import type { Drawing, Random, Task, Verdict } from './task';

/** Size of a maze and how careless its demonstrator is. */
interface MazeSettings {
  readonly name: string;
  readonly title: string;
  /** Cells per side. */
  readonly size: number;
  readonly walls: number;
  readonly maxResponse: number;
  /** Chance that a step ignores walls. */
  readonly careless: number;
  /** Chance that a careful step is along a shortest path; else it goes to any free neighbour. */
  readonly direct: number;
  /** Chance to give up after a step. */
  readonly giveUp: number;
}

/** Longest shortest path a prompt may need, so that a detour still fits in the response. */
const LONGEST_ROUTE = 8;
/** Moves of slack that a prompt leaves between its shortest path and the response limit. */
const SLACK = 3;

const COLUMNS = 'abcdefgh';

/** A grid with walls. Prompt: start, goal, walls, ">"; response: the cells stepped on, the goal last, then the end token. */
function createMaze(settings: MazeSettings): Task {
  const { size, walls: wallCount, maxResponse } = settings;
  const cells = size * size;
  const separator = cells;
  const eos = cells + 1;
  const neighbours = gridNeighbours(size);
  const vocabulary = [
    ...Array.from({ length: cells }, (_, c) => `${COLUMNS[c % size]}${Math.floor(c / size) + 1}`),
    '>',
    '⏎',
  ];
  const wallsOf = (prompt: readonly number[]) => prompt.slice(2, 2 + wallCount);

  function prompt(random: Random): number[] {
    for (;;) {
      const drawn = permutation(cells, random).slice(0, wallCount + 2);
      const [start, goal, ...walls] = drawn;
      const shortest = distancesTo(goal, new Set(walls), neighbours)[start];
      if (shortest >= 2 && shortest <= Math.min(LONGEST_ROUTE, maxResponse - SLACK))
        return [...drawn, separator];
    }
  }

  function isPrompt(tokens: readonly number[]): boolean {
    const drawn = tokens.slice(0, -1);
    return (
      tokens.length === wallCount + 3 &&
      tokens.at(-1) === separator &&
      drawn.every(isCell) &&
      new Set(drawn).size === drawn.length
    );
  }

  function demonstrate(promptTokens: readonly number[], random: Random): number[] {
    const [start, goal] = promptTokens;
    const walls = new Set(wallsOf(promptTokens));
    const distance = distancesTo(goal, walls, neighbours);
    const path: number[] = [];
    let at = start;
    while (path.length < maxResponse - 1) {
      at = demonstratedMove(neighbours[at], walls, distance, random);
      path.push(at);
      if (at === goal || random() < settings.giveUp) break;
    }
    return [...path, eos];
  }

  function demonstratedMove(
    options: readonly number[],
    walls: ReadonlySet<number>,
    distance: readonly number[],
    random: Random,
  ): number {
    if (random() < settings.careless) return pick(options, random);
    const free = options.filter((cell) => !walls.has(cell));
    const sensible = free.length > 0 ? free : options;
    if (random() >= settings.direct) return pick(sensible, random);
    const shortest = Math.min(...sensible.map((cell) => distance[cell]));
    return pick(
      sensible.filter((cell) => distance[cell] === shortest),
      random,
    );
  }

  function solve(promptTokens: readonly number[], random: Random): number[] | null {
    const [start, goal] = promptTokens;
    const distance = distancesTo(goal, new Set(wallsOf(promptTokens)), neighbours);
    if (distance[start] > maxResponse - 1) return null;
    const path: number[] = [];
    for (let at = start; at !== goal; path.push(at)) {
      const closer = neighbours[at].filter((cell) => distance[cell] === distance[at] - 1);
      at = pick(closer, random);
    }
    return [...path, eos];
  }

  /** Index of the first token that is not a legal move, or null. */
  function firstIllegal(promptTokens: readonly number[], path: readonly number[]): number | null {
    const walls = wallsOf(promptTokens);
    const bad = path.findIndex((cell, i) => {
      const from = i === 0 ? promptTokens[0] : path[i - 1];
      return !neighbours[from].includes(cell) || walls.includes(cell);
    });
    return bad < 0 ? null : bad;
  }

  function verify(promptTokens: readonly number[], response: readonly number[]): Verdict {
    const { body, ended } = readResponse(response, eos);
    const [start, goal] = promptTokens;
    const bad = firstIllegal(promptTokens, body);
    if (bad !== null) {
      const move = `Move ${bad + 1}`;
      const from = bad === 0 ? start : body[bad - 1];
      const to = body[bad];
      if (!isCell(to)) return miss(`${move} is ${tokenText(vocabulary, to)}, which is not a cell.`);
      if (neighbours[from].includes(to))
        return miss(`${move} runs into the wall at ${vocabulary[to]}.`);
      return miss(
        `${move} jumps from ${vocabulary[from]} to ${vocabulary[to]}, which is not next to it.`,
      );
    }
    if (!ended)
      return miss(`It never stopped: ${counted(body.length, 'token')} without the end token.`);
    const last = body.at(-1) ?? start;
    if (last !== goal)
      return miss(`It stopped at ${vocabulary[last]}, not at the goal ${vocabulary[goal]}.`);
    return {
      reward: 1,
      reason: `It reached the goal ${vocabulary[goal]} in ${counted(body.length, 'legal move')}.`,
    };
  }

  const isCell = (token: number) => Number.isInteger(token) && token >= 0 && token < cells;

  function answer(_prompt: readonly number[], response: readonly number[]): string | null {
    const { body, ended } = readResponse(response, eos);
    return ended && body.length > 0 && body.every(isCell)
      ? body.map((cell) => vocabulary[cell]).join(' ')
      : null;
  }

  /** A token that is no cell cannot be drawn: the path stops before it and counts as unfinished. */
  function draw(promptTokens: readonly number[], response: readonly number[]): Drawing {
    const { body, ended } = readResponse(response, eos);
    const stray = body.findIndex((token) => !isCell(token));
    const path = stray < 0 ? body.slice() : body.slice(0, stray);
    return {
      kind: 'maze',
      size,
      start: promptTokens[0],
      goal: promptTokens[1],
      walls: wallsOf(promptTokens),
      path,
      illegal: firstIllegal(promptTokens, path),
      finished: ended && stray < 0,
    };
  }

  return {
    name: settings.name,
    title: settings.title,
    description:
      'The prompt gives a start cell, a goal cell and walls. A correct response steps from cell to neighbouring cell, ' +
      'enters no wall and stops exactly at the goal; many routes are correct.',
    vocabulary,
    eos,
    promptLength: wallCount + 3,
    maxResponse,
    prompt,
    isPrompt,
    demonstrate,
    solve,
    verify,
    answer,
    draw,
  };
}

const miss = (reason: string): Verdict => ({ reward: 0, reason });

export const maze = createMaze({
  name: 'maze',
  title: 'Maze 5×5',
  size: 5,
  walls: 6,
  maxResponse: 12,
  careless: 0.22,
  direct: 0.5,
  giveUp: 0.03,
});

/** Small enough for tests and for computers without a graphics processor. */
export const mazeSmall = createMaze({
  name: 'maze-small',
  title: 'Maze 4×4',
  size: 4,
  walls: 3,
  maxResponse: 9,
  careless: 0.2,
  direct: 0.6,
  giveUp: 0.03,
});
