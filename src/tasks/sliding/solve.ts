import { colorAt, only, type Panel, panelsOf } from "../panels.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules of the game: it knows tiles by their colors alone, and
 * the gap by showing the color of the board.
 */
const cells = 3;

/** Colors of the nine cells, read off their centers; the board's own color where the gap is. */
function readBoard(panel: Panel): { tiles: string[]; board: string } {
  const tiles = Array.from({ length: cells * cells }, (_, i) =>
    String(colorAt(panel, ((i % cells) + 0.2) / cells, (Math.floor(i / cells) + 0.2) / cells)),
  );
  return { tiles, board: String(colorAt(panel, 0, 0)) };
}

const shifts: Record<string, number> = { up: -cells, down: cells, left: -1, right: 1 };

/**
 * The right option of a sliding example, from its words and pixels alone: the board after the moves of the gap.
 * Throws `LintelError` "dataset" unless exactly one option shows it.
 */
export function solve(example: Example): number {
  const [start, ...options] = panelsOf(example, 1 + example.options.length).map(readBoard);
  const { tiles, board } = start!;
  // The options are named after the moves, so words of direction are moves in their order.
  for (const [move] of example.question.matchAll(/\b(up|down|left|right)\b/g)) {
    const gap = only(
      example,
      "gap in the board",
      tiles.flatMap((tile, i) => (tile === board ? [i] : [])),
    );
    const other = gap + shifts[move]!;
    tiles[gap] = tiles[other]!;
    tiles[other] = board;
  }
  const right = options.flatMap((option, i) => (String(option.tiles) === String(tiles) ? [i] : []));
  return only(example, "option that shows the board after the moves", right);
}
