import { type Run, step } from "../runs.ts";

export type CellKind = "ice" | "rock" | "hole";

/** A frozen lake: what is on each cell, row by row. */
export interface Maze {
  side: number;
  kinds: readonly CellKind[];
}

/** How a walk went. */
export interface MazeWalk {
  runs: readonly Run[];
  /** Cells in the order they were entered, the start first. */
  trail: readonly number[];
  /** How many cells of the trail had been entered after each run. */
  entered: readonly number[];
  fell: boolean;
}

/** A lake without anything on it. */
export const emptyMaze = (side: number): Maze => ({ side, kinds: Array<CellKind>(side * side).fill("ice") });

/** Walks the runs: rocks and the edge stop a step, but not the steps after it; a hole ends the walk. */
export function walk({ side, kinds }: Maze, start: number, runs: readonly Run[]): MazeWalk {
  const trail = [start];
  let fell = kinds[start] === "hole";
  const entered = runs.map(({ direction, count }) => {
    for (let i = 0; i < count && !fell; i++) {
      const next = step(trail.at(-1)!, direction, side);
      if (next === null || kinds[next] === "rock") break;
      trail.push(next);
      fell = kinds[next] === "hole";
    }
    return trail.length;
  });
  return { runs, trail, entered, fell };
}

/** The cell where a walk has come to after each run. */
export const stops = ({ trail, entered }: MazeWalk): number[] => entered.map((count) => trail[count - 1]!);
