import { LintelError } from "../../util/index.ts";
import { only, type Panel, panelsOf } from "../panels.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules of the task: it finds the gap by its color, and a piece
 * fits where colors go on across all four sides of its border.
 */
const gapColor = (118 << 16) | (113 << 8) | 102;

/** Edges that cross the border at an angle are shifted by this many pixels from one line to the next, at most. */
const slack = 2;
/**
 * So many pixels may disagree along the whole border, where three colors meet at an angle. Of 12,900 right pieces none
 * has more than 6, of the wrong ones none less than 12: a band that is 6 off on one side.
 */
const tolerated = 8;

const colorAt = ({ picture, x, y }: Panel, column: number, row: number): number => {
  const at = ((y + row) * picture.width + x + column) * 3;
  return (picture.pixels[at]! << 16) | (picture.pixels[at + 1]! << 8) | picture.pixels[at + 2]!;
};

/** The square around all pixels of the gap's color. */
function gapOf(panel: Panel, id: string): { left: number; top: number; size: number } {
  let [left, top, right, bottom] = [panel.width, panel.height, -1, -1];
  for (let row = 0; row < panel.height; row++) {
    for (let column = 0; column < panel.width; column++) {
      if (colorAt(panel, column, row) !== gapColor) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
    }
  }
  const size = right - left + 1;
  if (size > 0 && size === bottom - top + 1) return { left, top, size };
  throw new LintelError("dataset", {
    where: `example ${id}`,
    expected: "a square gap in the picture",
    got: size > 0 ? `one of ${size} × ${bottom - top + 1} pixels` : "none",
  });
}

/** The four lines of pixels along a square, `out` pixels outside of it: from the left or top on. */
function border(panel: Panel, left: number, top: number, size: number, out: number): number[][] {
  const line = (at: (i: number) => number): number[] => Array.from({ length: size }, (_, i) => at(i));
  return [
    line((i) => colorAt(panel, left + i, top - out)),
    line((i) => colorAt(panel, left + i, top + size - 1 + out)),
    line((i) => colorAt(panel, left - out, top + i)),
    line((i) => colorAt(panel, left + size - 1 + out, top + i)),
  ];
}

/** Pixels of a line whose color is not in the other line nearby. */
const missing = (line: readonly number[], other: readonly number[]): number =>
  line.filter((color, i) => !other.slice(Math.max(0, i - slack), i + slack + 1).includes(color)).length;

/**
 * The right option of a jigsaw example, from its pixels alone: the piece whose border goes on in the picture. Throws
 * `LintelError` "dataset" unless exactly one option fits.
 */
export function solve(example: Example): number {
  const [picture, ...options] = panelsOf(example, 1 + example.options.length) as [Panel, ...Panel[]];
  const { left, top, size } = gapOf(picture, example.id);
  const around = border(picture, left, top, size, 1);
  const fitting = options.flatMap((panel, i) => {
    // A piece is a panel of its own, or is in its place in a panel as large as the picture.
    const inPlace = panel.width === picture.width;
    const edges = border(panel, inPlace ? left : 0, inPlace ? top : 0, size, 0);
    const wrong = edges.reduce(
      (sum, edge, side) => sum + missing(edge, around[side]!) + missing(around[side]!, edge),
      0,
    );
    return wrong <= tolerated ? [i] : [];
  });
  return only(example, "piece that fits", fitting);
}
