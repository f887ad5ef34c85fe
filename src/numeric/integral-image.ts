import type { Picture } from "../formats/index.ts";

/** A picture as a summed-area table: the mean color of any rectangle costs four look-ups. */
export interface IntegralImage {
  width: number;
  height: number;
  /** [(height + 1) × (width + 1) × 3] sums of all pixels above and to the left. */
  sums: Uint32Array;
}

/** A rectangle in pixels of a picture; need not be whole. */
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Longer pictures are reduced first: sums of more than 2²⁴ pixels would not fit into 32 bits. */
const LONGEST = 1536;

/**
 * The summed-area table of a picture. Pictures longer than 1,536 pixels are reduced to that.
 *
 * Source: Crow 1984; Lewis 1995 uses it for the norms of normalized cross-correlation.
 *
 * @example
 * integralImage({ width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) }).sums.slice(-3); // [1, 2, 3]
 */
export function integralImage(picture: Picture): IntegralImage {
  const longest = Math.max(picture.width, picture.height);
  if (longest > LONGEST) return integralImage(reduced(sumsOf(halved(picture, LONGEST)), LONGEST));
  return sumsOf(picture);
}

/** Every k-th pixel, so that at most twice `longest` remain: what sums can be taken of. */
function halved(picture: Picture, longest: number): Picture {
  const step = Math.max(1, Math.floor(Math.max(picture.width, picture.height) / (2 * longest)));
  if (step === 1) return picture;
  const width = Math.floor(picture.width / step);
  const height = Math.floor(picture.height / step);
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const i = (y * step * picture.width + x * step) * 3;
      for (let c = 0; c < 3; c++) pixels[o + c] = picture.pixels[i + c]!;
    }
  }
  return { width, height, pixels };
}

function sumsOf({ width, height, pixels }: Picture): IntegralImage {
  const line = (width + 1) * 3;
  const sums = new Uint32Array((height + 1) * line);
  for (let y = 0, i = 0; y < height; y++) {
    let [r, g, b] = [0, 0, 0];
    for (let x = 0, o = (y + 1) * line + 3; x < width; x++, i += 3, o += 3) {
      r += pixels[i]!;
      g += pixels[i + 1]!;
      b += pixels[i + 2]!;
      sums[o] = sums[o - line]! + r;
      sums[o + 1] = sums[o - line + 1]! + g;
      sums[o + 2] = sums[o - line + 2]! + b;
    }
  }
  return { width, height, sums };
}

/**
 * The picture of a table with its longer side reduced to `longest` (never enlarged), by area averages.
 *
 * @example
 * const table = integralImage({ width: 2, height: 2, pixels: new Uint8Array(12).fill(8) });
 * reduced(table, 1).pixels; // [8, 8, 8]
 */
export function reduced(table: IntegralImage, longest: number): Picture {
  const factor = Math.min(1, longest / Math.max(table.width, table.height));
  const width = Math.max(1, Math.round(table.width * factor));
  const height = Math.max(1, Math.round(table.height * factor));
  const means = thumbnail(table, { x: 0, y: 0, w: table.width, h: table.height }, width, height);
  for (let i = 0; i < means.length; i++) means[i] = Math.round(means[i]!);
  return { width, height, pixels: new Uint8Array(means) };
}

/**
 * Mean colors of a grid of `columns` × `rows` equal cells laid over a rectangle, [rows × columns × 3], 0 … 255. Cells
 * may be of any size, also smaller than a pixel; what is outside of the picture is as its nearest edge line would
 * sum to, so keep rectangles inside.
 *
 * @example
 * const table = integralImage({ width: 2, height: 1, pixels: Uint8Array.of(0, 0, 0, 9, 9, 9) });
 * thumbnail(table, { x: 0.5, y: 0, w: 1, h: 1 }, 1, 1); // [4.5, 4.5, 4.5]
 */
export function thumbnail(table: IntegralImage, box: Box, columns: number, rows: number): Float32Array {
  const { width, height, sums } = table;
  const line = (width + 1) * 3;
  const nodes = new Float64Array((columns + 1) * (rows + 1) * 3);
  const left = new Int32Array(columns + 1);
  const share = new Float64Array(columns + 1);
  for (let i = 0; i <= columns; i++) {
    const x = Math.min(Math.max(box.x + (box.w * i) / columns, 0), width);
    left[i] = Math.min(Math.floor(x), width - 1);
    share[i] = x - left[i]!;
  }
  for (let j = 0, o = 0; j <= rows; j++) {
    const y = Math.min(Math.max(box.y + (box.h * j) / rows, 0), height);
    const top = Math.min(Math.floor(y), height - 1);
    const below = y - top;
    for (let i = 0; i <= columns; i++, o += 3) {
      const at = top * line + left[i]! * 3;
      const right = share[i]!;
      for (let c = 0; c < 3; c++) {
        const a = sums[at + c]! * (1 - right) + sums[at + 3 + c]! * right;
        const b = sums[at + line + c]! * (1 - right) + sums[at + line + 3 + c]! * right;
        nodes[o + c] = a * (1 - below) + b * below;
      }
    }
  }
  const area = (box.w / columns) * (box.h / rows);
  const means = new Float32Array(columns * rows * 3);
  const wide = (columns + 1) * 3;
  for (let j = 0, o = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++, o += 3) {
      const at = j * wide + i * 3;
      for (let c = 0; c < 3; c++) {
        means[o + c] =
          (nodes[at + wide + 3 + c]! - nodes[at + wide + c]! - nodes[at + 3 + c]! + nodes[at + c]!) / area;
      }
    }
  }
  return means;
}

/**
 * The rectangle moved into a picture of `width` × `height`, and shrunk where it is larger.
 *
 * @example
 * movedInside({ x: -2, y: 0, w: 4, h: 4 }, 10, 10); // { x: 0, y: 0, w: 4, h: 4 }
 */
export function movedInside(box: Box, width: number, height: number): Box {
  const w = Math.min(box.w, width);
  const h = Math.min(box.h, height);
  return { w, h, x: Math.min(Math.max(box.x, 0), width - w), y: Math.min(Math.max(box.y, 0), height - h) };
}

/**
 * Intersection over union of two rectangles.
 *
 * @example
 * intersectionOverUnion({ x: 0, y: 0, w: 2, h: 2 }, { x: 1, y: 0, w: 2, h: 2 }); // 1 / 3
 */
export function intersectionOverUnion(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (a.w * a.h + b.w * b.h - w * h);
}
