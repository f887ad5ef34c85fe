import { canvas } from "../canvas/index.ts";
import type { ImageBytes } from "../types.ts";
import { type Cells, side } from "./world.ts";

/** Edge of a visual token of the pocket model in pixels: a panel is two by two of them. */
const token = 12;
const panel = 2 * token;
/** Panels along an edge of the picture. */
const across = 4;
const cell = 3;
const margin = (panel - side * cell) / 2;

/** Edge of a composite in pixels: 8 × 8 visual tokens. */
export const compositePixels = across * panel;
export const compositePanels = across ** 2;

/** What options are called: the colors of their frames. */
export const frames = ["red", "green", "blue", "yellow"] as const;

/**
 * Slate and chalk as in single panels, then the frames' colors: of the options, of A (black), B (violet), C (white), and of
 * the rest. Were these without a frame, helpers, which have none, would look more like them than like the right option.
 */
const palette = Uint8Array.from(
  [
    [118, 113, 102],
    [250, 249, 244],
    [230, 30, 30],
    [20, 190, 50],
    [40, 70, 240],
    [245, 215, 20],
    [10, 10, 10],
    [170, 50, 210],
    [250, 249, 244],
    [128, 128, 160],
  ].flat(),
);
const [slate, chalk, options0, gray] = [0, 1, 2, 9];

interface CompositeQuestion {
  /** A, B and C; or C alone. */
  shown: readonly Cells[];
  options: readonly Cells[];
  /** Panels in gray frames, as many as there is room for. */
  others: readonly Cells[];
  /** Where these are, in this order: a permutation of 0 … 15. */
  places: readonly number[];
}

/**
 * Paints a whole question as one picture of 4 × 4 panels: A, B and C (or C alone) and the options in frames of a color of
 * their own, the rest in gray ones. Helpers have no frame.
 */
export function compositePainter(): {
  image(question: CompositeQuestion): ImageBytes;
  helper(cells: Cells): ImageBytes;
} {
  const sheet = canvas(compositePixels, compositePixels, palette);
  const alone = canvas(panel, panel, palette);
  const fill = (on: typeof sheet, x: number, y: number, cells: Cells): void => {
    for (const each of cells) {
      const [column, row] = [each % side, Math.floor(each / side)];
      on.rect(x + margin + column * cell, y + margin + row * cell, cell, cell, chalk);
    }
  };
  return {
    image({ shown, options, others, places }) {
      sheet.fill(slate);
      // C is always the white one.
      const shown0 = options0 + frames.length + 3 - shown.length;
      const framed = [...options, ...shown].map((cells, i) => ({
        cells,
        color: i < options.length ? options0 + i : shown0 + i - options.length,
      }));
      for (const [i, { cells, color }] of [
        ...framed,
        ...others.map((cells) => ({ cells, color: gray })),
      ].entries()) {
        const [x, y] = [(places[i]! % across) * panel, Math.floor(places[i]! / across) * panel];
        sheet.frame(x, y, panel, panel, 1, color);
        fill(sheet, x, y, cells);
      }
      return sheet.png();
    },
    helper(cells) {
      alone.fill(slate);
      fill(alone, 0, 0, cells);
      return alone.png();
    },
  };
}
