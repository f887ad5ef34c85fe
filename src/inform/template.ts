import type { Picture } from "../formats/index.ts";
import { type Box, type IntegralImage, integralImage, thumbnail, upperMedian } from "../numeric/index.ts";

/** A helper as what is looked for: all of it, or the part that is not flat surroundings. */
export interface Template {
  /** The helper's own size. */
  width: number;
  height: number;
  /** What counts of it: all, or the box around what is on its flat ground, with a rim. */
  content: Box;
  table: IntegralImage;
  /** Of the same size: 255 where a pixel counts; null where all do. */
  mask: IntegralImage | null;
}

/** Colors this near (largest difference of a channel) are one ground: grid lines and JPEG noise are. */
const SAME = 24;
/** The border is flat when this much of it has one color. */
const FLAT = 0.9;

type Color = readonly [number, number, number];

/** The color of a flat border; null where the border is not flat. */
function groundOf({ width, height, pixels }: Picture): Color | null {
  const border: number[] = [];
  for (let x = 0; x < width; x++) border.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) border.push(y * width, y * width + width - 1);
  const channel = (c: number): number => upperMedian(border.map((i) => pixels[3 * i + c]!));
  const ground: Color = [channel(0), channel(1), channel(2)];
  const same = border.filter((i) => !differs(pixels, 3 * i, ground)).length;
  return same >= FLAT * border.length ? ground : null;
}

function differs(pixels: Uint8Array, i: number, [r, g, b]: Color): boolean {
  return (
    Math.abs(pixels[i]! - r) > SAME ||
    Math.abs(pixels[i + 1]! - g) > SAME ||
    Math.abs(pixels[i + 2]! - b) > SAME
  );
}

/**
 * What to look for of a helper image: all of it, and where it has flat surroundings also what is on them, as these
 * need not be in the input: a piece on an empty sheet is found in a picture that shows it among other things. Empty for
 * a helper of one color.
 *
 * @example
 * templatesOf({ width: 2, height: 2, pixels: new Uint8Array(12) }); // []: nothing is on it
 */
export function templatesOf(picture: Picture): Template[] {
  const { width, height, pixels } = picture;
  const table = integralImage(picture);
  const whole = { width, height, content: { x: 0, y: 0, w: width, h: height }, table, mask: null };
  const ground = groundOf(picture);
  if (!ground) return [whole];
  const marked = new Uint8Array(pixels.length);
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      if (!differs(pixels, i, ground)) continue;
      marked[i] = 255;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  if (right < 0) return [];
  // A rim of ground: without it, a thing of one color would be flat and could be anywhere.
  const rim = Math.max(1, Math.round(0.08 * Math.max(right - left, bottom - top)));
  const x = Math.max(0, left - rim);
  const y = Math.max(0, top - rim);
  const w = Math.min(width, right + 1 + rim) - x;
  const h = Math.min(height, bottom + 1 + rim) - y;
  return [
    whole,
    { ...whole, content: { x, y, w, h }, mask: integralImage({ width, height, pixels: marked }) },
  ];
}

/** A template on a grid of cells, ready for correlation. */
export interface Stencil {
  columns: number;
  rows: number;
  /** Numbers of the cells that count. */
  cells: Int32Array;
  /** Their colors less the mean of each channel, [cells × 3], and the sum of their squares. */
  values: Float32Array;
  power: number;
}

/**
 * Mean-free values of the cells that count.
 *
 * @param means - [rows × columns × 3] cell colors.
 * @example
 * centered(Float32Array.of(1, 1, 1, 3, 3, 3), Int32Array.of(0, 1)).power; // 6
 */
export function centered(means: Float32Array, cells: Int32Array): { values: Float32Array; power: number } {
  const values = new Float32Array(cells.length * 3);
  let power = 0;
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    for (const cell of cells) sum += means[3 * cell + c]!;
    const mean = sum / cells.length;
    for (let k = 0; k < cells.length; k++) {
      const value = means[3 * cells[k]! + c]! - mean;
      values[3 * k + c] = value;
      power += value * value;
    }
  }
  return { values, power };
}

/**
 * A template on a grid whose longer side has `cells` cells: cells that show any of the content count, and those beside
 * them.
 */
export function stencilOf({ content, table, mask }: Template, cells: number): Stencil {
  const longest = Math.max(content.w, content.h);
  const columns = Math.max(2, Math.round((cells * content.w) / longest));
  const rows = Math.max(2, Math.round((cells * content.h) / longest));
  const counted: number[] = [];
  const shown = mask && thumbnail(mask, content, columns, rows);
  const any = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < columns && y < rows && shown![3 * (y * columns + x)]! > 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const near = !shown || [-1, 0, 1].some((dy) => [-1, 0, 1].some((dx) => any(x + dx, y + dy)));
      if (near) counted.push(y * columns + x);
    }
  }
  const numbers = Int32Array.from(counted);
  return { columns, rows, cells: numbers, ...centered(thumbnail(table, content, columns, rows), numbers) };
}
