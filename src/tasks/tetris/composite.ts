import { canvas } from "../canvas/index.ts";
import type { ImageBytes } from "../types.ts";
import { type Cells, side } from "./world.ts";

/** Edge of a visual token of the pocket model in pixels: panels lie on a lattice of them, two by two each. */
const token = 12;
const thickness = 3;
const panel = 2 * token;
const cell = (panel - 2 * thickness) / side;

/** Pixels of a composite: 12 × 6 visual tokens. */
export const compositeSize = { width: 12 * token, height: 6 * token };

/** What options are called: the colours of their frames, in order. */
export const frames = ["red", "green", "blue", "yellow"] as const;
/** Frames of A, B and C. */
export const shownFrames = ["black", "violet", "white"] as const;

/** Slate and chalk as in single panels, then the frames' colours. */
const colours = [
  [118, 113, 102],
  [250, 249, 244],
  [200, 40, 40],
  [40, 170, 60],
  [50, 80, 220],
  [230, 200, 40],
  [20, 20, 20],
  [150, 60, 180],
  [250, 249, 244],
];
const palette = Uint8Array.from(colours.flat());
const [slate, chalk, first] = [0, 1, 2];

/**
 * Paints a whole question as one picture: above A, B and C (or C alone), below the options, every panel in a frame of a
 * colour of its own. Helpers are panels without a frame.
 *
 * @example
 * const painter = compositePainter();
 * painter.images([[0, 1, 7]], [[0], [1], [2], [3]]).length; // 1: a PNG of 144 × 72 pixels
 */
export function compositePainter(): {
  images(shown: readonly Cells[], options: readonly Cells[]): ImageBytes[];
  helper(cells: Cells): ImageBytes;
} {
  const sheet = canvas(compositeSize.width, compositeSize.height, palette);
  const alone = canvas(panel, panel, palette);
  const fill = (on: typeof sheet, x: number, y: number, cells: Cells): void => {
    for (const each of cells) {
      const [column, row] = [each % side, Math.floor(each / side)];
      on.rect(x + thickness + column * cell, y + thickness + row * cell, cell, cell, chalk);
    }
  };
  const row = (panels: readonly Cells[], y: number, colour: number): void => {
    for (const [i, cells] of panels.entries()) {
      const x = 3 * i * token;
      sheet.frame(x, y, panel, panel, thickness, colour + i);
      fill(sheet, x, y, cells);
    }
  };
  return {
    images(shown, options) {
      sheet.fill(slate);
      // C is always the white one.
      row(shown, token, first + frames.length + shownFrames.length - shown.length);
      row(options, 4 * token, first);
      return [sheet.png()];
    },
    helper(cells) {
      alone.fill(slate);
      fill(alone, 0, 0, cells);
      return alone.png();
    },
  };
}
