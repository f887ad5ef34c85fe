import type { Picture } from "../formats/index.ts";
import { type IntegralImage, integralImage, thumbnail } from "../numeric/index.ts";
import { CONTAINED, type Match } from "./match.ts";

/** Cells of the longer side on which a helper is compared with the place where it was found. */
const CELLS = 24;
/** A cell is new when a channel of its mean color is so far from the input's, 0 … 255. */
const FAR = 32;
/** So much of a helper may be new, as a share of its cells; where more is, it is another picture. */
const MOST = 0.5;
/** The shorter side of a part that can be looked for, in pixels. */
const SMALLEST = 8;

/**
 * What is new in a helper that repeats a place of the input but for a part of it: the rectangle around all cells that
 * differ. A puzzle's completed picture is such a helper, or a scene with one thing moved; where its new part is in
 * the input (which piece it is) can be all that the helper tells, and no description of the whole shows it.
 *
 * @returns null where the helper is contained as a whole, found nowhere, or new in more than half of it.
 */
export function novelPart(
  helper: Picture,
  match: Match | null,
  images: readonly IntegralImage[],
): Picture | null {
  if (!match || match.ncc >= CONTAINED) return null;
  const { width, height } = helper;
  const cell = Math.max(width, height) / CELLS;
  const columns = Math.max(1, Math.round(width / cell));
  const rows = Math.max(1, Math.round(height / cell));
  const own = thumbnail(integralImage(helper), { x: 0, y: 0, w: width, h: height }, columns, rows);
  const there = thumbnail(images[match.image]!, match.box, columns, rows);
  let [count, left, right, top, bottom] = [0, columns, -1, rows, -1];
  for (let i = 0; i < columns * rows; i++) {
    const far = Math.max(...[0, 1, 2].map((c) => Math.abs(own[3 * i + c]! - there[3 * i + c]!)));
    if (far < FAR) continue;
    count++;
    const [x, y] = [i % columns, Math.floor(i / columns)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  if (count === 0 || count > MOST * columns * rows) return null;
  const [x0, x1] = [Math.floor((left * width) / columns), Math.ceil(((right + 1) * width) / columns)];
  const [y0, y1] = [Math.floor((top * height) / rows), Math.ceil(((bottom + 1) * height) / rows)];
  if (Math.min(x1 - x0, y1 - y0) < SMALLEST) return null;
  const pixels = new Uint8Array(3 * (x1 - x0) * (y1 - y0));
  for (let y = y0; y < y1; y++) {
    pixels.set(helper.pixels.subarray(3 * (y * width + x0), 3 * (y * width + x1)), 3 * (y - y0) * (x1 - x0));
  }
  return { width: x1 - x0, height: y1 - y0, pixels };
}
