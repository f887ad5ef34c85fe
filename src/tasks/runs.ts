import type { Random } from "../util/index.ts";

/** The four directions on a grid, clockwise. */
export const directions = ["up", "right", "down", "left"] as const;

export type Direction = (typeof directions)[number];

/** So many equal steps in a row. */
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
 * The cell of a square grid one step further, or null beyond its edge. Cells are row · side + column.
 *
 * @example
 * step(5, "right", 4); // 6
 * step(7, "right", 4); // null
 */
export function step(cell: number, direction: Direction, side: number): number | null {
  const [down, right] = steps[direction];
  const row = Math.floor(cell / side) + down;
  const column = (cell % side) + right;
  return row < 0 || row >= side || column < 0 || column >= side ? null : row * side + column;
}

/**
 * Random runs, each at a right angle to the one before it, of 1 to `longest` steps.
 *
 * @example
 * randomRuns(random(0, "demo"), 3, 2); // such as 2 right, 1 up, 1 right
 */
export function randomRuns(r: Random, length: number, longest: number): Run[] {
  let direction = r.integer(4);
  return Array.from({ length }, () => {
    direction = (direction + (r.integer(2) ? 1 : 3)) % 4;
    return { direction: directions[direction]!, count: 1 + r.integer(longest) };
  });
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
