import type { Random } from "../../util/index.ts";
import { type Direction, directions, step } from "../runs.ts";

/** Rows and columns of the board. */
export const side = 3;

/** Tiles 1 to 8 by cell, row by row; 0 is the gap. */
export type Board = readonly number[];

/** Moves of the gap that never take back the one before, and what they do to any board whose gap is where they start. */
export interface GapWalk {
  moves: readonly Direction[];
  /** Where the gap ends. */
  end: number;
  /** The tile at cell i comes from cell `order[i]`. */
  order: readonly number[];
}

const opposite = (direction: Direction): Direction => directions[(directions.indexOf(direction) + 2) % 4]!;

/**
 * The board after one move of the gap: the tile there takes the gap's old place. Null where the gap cannot move.
 */
export function slide(board: Board, direction: Direction): Board | null {
  const gap = board.indexOf(0);
  const other = step(gap, direction, side);
  if (other === null) return null;
  const after = [...board];
  after[gap] = board[other]!;
  after[other] = 0;
  return after;
}

/** The boards after each move. */
export function play(board: Board, moves: readonly Direction[]): Board[] {
  let now = board;
  return moves.map((move) => {
    now = slide(now, move)!;
    return now;
  });
}

/**
 * Every walk of this many moves from a cell, none of which takes back the one before it. Of walks that lead to the
 * same board (clockwise and anticlockwise halves of a round of twelve) the first is kept.
 */
export function walksFrom(gap: number, moves: number): GapWalk[] {
  // Cells named by numbers of their own; the gap's must be 0 for `slide`, so the others are shifted out of its way.
  const named = Array.from({ length: side * side }, (_, cell) => (cell === gap ? 0 : cell + 1));
  let walks: { moves: Direction[]; board: Board }[] = [{ moves: [], board: named }];
  for (let i = 0; i < moves; i++) {
    walks = walks.flatMap((walk) =>
      directions.flatMap((direction) => {
        if (walk.moves.at(-1) === opposite(direction)) return [];
        const board = slide(walk.board, direction);
        return board ? [{ moves: [...walk.moves, direction], board }] : [];
      }),
    );
  }
  const distinct = new Map<string, GapWalk>();
  for (const { moves: made, board } of walks) {
    const key = board.join(" ");
    if (distinct.has(key)) continue;
    distinct.set(key, {
      moves: made,
      end: board.indexOf(0),
      order: board.map((name) => (name === 0 ? gap : name - 1)),
    });
  }
  return [...distinct.values()];
}

/**
 * Four walks of which any may be requested: all with the gap ending in one place where there are that many, else in two
 * places with two each, else any four. So following the gap alone does not lead to the answer where that can be had.
 * Null where there are fewer than four walks.
 */
export function fourWalks(r: Random, walks: readonly GapWalk[]): GapWalk[] | null {
  if (walks.length < 4) return null;
  const mixed = r.shuffled(walks);
  const byEnd = new Map<number, GapWalk[]>();
  for (const walk of mixed) byEnd.set(walk.end, [...(byEnd.get(walk.end) ?? []), walk]);
  const groups = [...byEnd.values()];
  const large = groups.filter((group) => group.length >= 4);
  if (large.length > 0) return r.pick(large).slice(0, 4);
  const pairs = groups.filter((group) => group.length >= 2);
  if (pairs.length > 1)
    return r
      .shuffled(pairs)
      .slice(0, 2)
      .flatMap((group) => group.slice(0, 2));
  const [pair = []] = pairs;
  const rest = mixed.filter((walk) => !pair.slice(0, 2).includes(walk));
  return [...pair.slice(0, 2), ...rest].slice(0, 4);
}
