import { type Canvas, canvas, compose } from "../canvas/index.ts";
import { letters } from "../draw.ts";
import { memo } from "../memo.ts";
import type { Direction } from "../runs.ts";
import type { ImageBytes } from "../types.ts";
import { type Board, side } from "./world.ts";

/** Paper, the board (which shows where the gap is), dark and light ink; then the tiles 1 to 8, each with its ink. */
const [paper, ground, dark, light] = [0, 1, 2, 3];
const tiles = [
  [[214, 48, 44], light],
  [[245, 145, 30], dark],
  [[247, 220, 80], dark],
  [[60, 160, 75], light],
  [[70, 205, 205], dark],
  [[45, 85, 200], light],
  [[130, 60, 165], light],
  [[245, 165, 200], dark],
] as const;
const palette = Uint8Array.from(
  [[252, 252, 249], [62, 64, 70], [25, 26, 30], [252, 252, 249], ...tiles.map(([color]) => color)].flat(),
);

/** Pixels along a tile: of the start and helpers, of the options, and of every board when it is an image of its own. */
const sizes = { start: 88, option: 56, pocket: 32 };

/** A board; with numbers where its tiles are large enough. */
function paintBoard(board: Board, cell: number): Canvas {
  const picture = canvas(side * cell, side * cell, palette);
  picture.fill(ground);
  const margin = Math.max(1, cell >> 5);
  for (const [i, tile] of board.entries()) {
    if (tile === 0) continue;
    const x = (i % side) * cell;
    const y = Math.floor(i / side) * cell;
    picture.rect(x + margin, y + margin, cell - 2 * margin, cell - 2 * margin, 3 + tile);
    if (cell <= sizes.pocket) continue;
    const scale = Math.floor(cell / 14);
    const inset = (extent: number): number => (cell - extent * scale) >> 1;
    picture.text(x + inset(5), y + inset(7), String(tile), scale, tiles[tile - 1]![1]);
  }
  return picture;
}

interface SlidingPainter {
  /** The words and images of a question. */
  question(
    start: Board,
    moves: readonly Direction[],
    options: readonly Board[],
  ): { question: string; images: ImageBytes[] };
  helper(board: Board): ImageBytes;
}

/**
 * Paints questions as one sheet ("full": 752 × 510 pixels, helpers of 264 × 264) or as an image for each board
 * ("pocket": 96 × 96 pixels, without numbers).
 */
export function painter(rendering: string): SlidingPainter {
  const pocket = rendering === "pocket";
  const size = pocket ? sizes.pocket : sizes.start;
  // The last helper of every option is the option itself, so boards of the last few examples are kept.
  const png = memo(String, (board: Board) => paintBoard(board, size).png(), 200);
  return {
    helper: png,
    question(start, moves, options) {
      if (pocket) {
        return {
          question: `<image> ${moves.join(" ")} is which ? ${letters.map((letter) => `<image> ${letter}`).join(" ")}`,
          images: [start, ...options].map(png),
        };
      }
      const { sheet } = compose(
        [
          [{ picture: paintBoard(start, sizes.start) }],
          options.map((board, i) => ({
            picture: paintBoard(board, sizes.option),
            label: `(${letters[i]})`,
          })),
        ],
        { ground: paper, ink: dark },
      );
      return {
        question:
          `<image>\nAt the top is a board with eight tiles and a gap. The gap moves ${moves.join(", then ")}; each ` +
          "time the tile it meets slides into its old place. Which board is the result: (a), (b), (c) or (d)?",
        images: [sheet.png()],
      };
    },
  };
}
