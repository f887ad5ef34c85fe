import type { Random } from "../util/index.ts";

/** The four directions on a grid, clockwise. */
export const directions = ["up", "right", "down", "left"] as const;

export type Direction = (typeof directions)[number];

/** A number of equal steps in a row. */
export interface Run {
  direction: Direction;
  count: number;
}

/** Rows and columns of one step. */
export const steps: Readonly<Record<Direction, readonly [number, number]>> = {
  up: [-1, 0],
  right: [0, 1],
  down: [1, 0],
  left: [0, -1],
};

/**
 * Column and row of a cell of a square grid in words, each from 1.
 *
 * @example
 * columnAndRow(5, 4); // "2 2"
 */
export const columnAndRow = (cell: number, side: number): string =>
  `${(cell % side) + 1} ${Math.floor(cell / side) + 1}`;

/** The cell of a square grid one step further, or null beyond its edge. Cells are row · side + column. */
export function step(cell: number, direction: Direction, side: number): number | null {
  const [down, right] = steps[direction];
  const row = Math.floor(cell / side) + down;
  const column = (cell % side) + right;
  return row < 0 || row >= side || column < 0 || column >= side ? null : row * side + column;
}

/**
 * Random runs within a square grid, each at a right angle to the one before it and of 1 to `longest` steps. Null where
 * there was no room to turn.
 *
 * @example
 * randomRuns(random(0, "demo"), 4, 5, 3, 2); // such as 2 up, 1 left, 1 down, in a grid of 4 × 4 from cell 5
 */
export function randomRuns(
  r: Random,
  side: number,
  start: number,
  length: number,
  longest: number,
): Run[] | null {
  let at = start;
  let turn = r.integer(4);
  const runs: Run[] = [];
  while (runs.length < length) {
    turn = (turn + (r.integer(2) ? 1 : 3)) % 4;
    const direction = directions[turn]!;
    let room = 0;
    for (let next = step(at, direction, side); next !== null; next = step(next, direction, side)) room++;
    if (room === 0) return null;
    const count = 1 + r.integer(Math.min(room, longest));
    for (let i = 0; i < count; i++) at = step(at, direction, side)!;
    runs.push({ direction, count });
  }
  return runs;
}

/**
 * Runs in words, the number first.
 *
 * @example
 * inWords([{ direction: "right", count: 2 }, { direction: "up", count: 1 }]); // "2 right, 1 up"
 */
export const inWords = (runs: readonly Run[]): string =>
  runs.map(({ direction, count }) => `${count} ${direction}`).join(", ");

/**
 * As the pocket model reads runs: a word for every step, white space between them.
 *
 * @example
 * stepByStep([{ direction: "right", count: 2 }, { direction: "up", count: 1 }]); // "right right up"
 */
export const stepByStep = (runs: readonly Run[]): string =>
  runs.flatMap(({ direction, count }) => Array<string>(count).fill(direction)).join(" ");
