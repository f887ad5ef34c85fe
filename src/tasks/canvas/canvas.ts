import { encodeIndexedPng } from "../../formats/index.ts";
import { ensure } from "../../util/index.ts";
import type { ImageBytes } from "../types.ts";
import { eachTextPixel } from "./font.ts";

export type Point = readonly [x: number, y: number];

/** A picture in numbers of colors. */
export interface Painted {
  readonly width: number;
  readonly height: number;
  /** Number of the color of every pixel, row by row. */
  readonly indices: Uint8Array;
  /** Red, green, blue of each color. */
  readonly palette: Uint8Array;
}

/**
 * A picture to paint on, in numbers of colors. Coordinates run right and down in pixels from the corner at the left
 * top: the pixel (0, 0) is the square between (0, 0) and (1, 1), and belongs to an area that holds its middle. What
 * is outside of the picture is cut off. Nothing is smoothed.
 */
export interface Canvas extends Painted {
  fill(color: number): void;
  /** Whole numbers only. */
  rect(x: number, y: number, width: number, height: number, color: number): void;
  /** The border of a rectangle, `thickness` pixels wide, within it. Whole numbers only. */
  frame(x: number, y: number, width: number, height: number, thickness: number, color: number): void;
  /** A closed polygon; where it overlaps itself twice, it is not filled. Corners count to 1/16 pixel. */
  polygon(points: readonly Point[], color: number): void;
  disc(x: number, y: number, radius: number, color: number): void;
  /** A line with round ends. */
  line(x0: number, y0: number, x1: number, y1: number, thickness: number, color: number): void;
  /** Text of 5 × 7 pixels a character, times `scale`, with its left top corner at (x, y). Whole numbers only. */
  text(x: number, y: number, text: string, scale: number, color: number): void;
  /** Another picture of the same colors, with its left top corner at (x, y), each pixel as scale × scale pixels. */
  blit(other: Painted, x: number, y: number, scale?: number): void;
  png(): ImageBytes;
}

/** Corners are rounded to this many parts of a pixel, after which all is exact. */
const parts = 16;
const fixed = (value: number): number => Math.round(value * parts);
const half = parts / 2;

/** The first pixel whose middle is not left of (above) a coordinate in parts. */
const firstFrom = (coordinate: number): number => Math.ceil((coordinate - half) / parts);

/**
 * A canvas filled with color 0. Everything painted is the same on every machine: coordinates are whole 1/16 pixels,
 * and what is computed from them is exact or correctly rounded in doubles. Throws `LintelError` "input" for sizes,
 * colors and characters that cannot be, and for coordinates that are no numbers.
 */
export function canvas(width: number, height: number, palette: Uint8Array): Canvas {
  ensure(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0, "input", () => ({
    where: "canvas",
    expected: "a width and a height of whole pixels",
    got: `${width} × ${height}`,
  }));
  const colors = Math.floor(palette.length / 3);
  const indices = new Uint8Array(width * height);

  const check = (what: string, color: number, ...coordinates: number[]): void => {
    ensure(Number.isInteger(color) && color >= 0 && color < colors, "input", () => ({
      where: `${what} on a canvas`,
      expected: `a colour from 0 to ${colors - 1}`,
      got: String(color),
    }));
    ensure(
      coordinates.every((each) => Number.isFinite(each)),
      "input",
      () => ({ where: `${what} on a canvas`, expected: "coordinates", got: coordinates.join(", ") }),
    );
  };
  /** Pixels from `from` up to but not `to` of a row that is within the picture. */
  const span = (y: number, from: number, to: number, color: number): void => {
    const left = Math.max(0, from);
    const right = Math.min(width, to);
    if (left < right) indices.fill(color, y * width + left, y * width + right);
  };
  const rect = (x: number, y: number, w: number, h: number, color: number): void => {
    check("rect", color, x, y, w, h);
    for (let row = Math.max(0, y); row < Math.min(height, y + h); row++) span(row, x, x + w, color);
  };

  /** `corners` in parts. */
  const fillPolygon = (corners: readonly Point[], color: number): void => {
    const ys = corners.map(([, y]) => y);
    const top = Math.max(0, firstFrom(Math.min(...ys)));
    const bottom = Math.min(height, firstFrom(Math.max(...ys)));
    for (let row = top; row < bottom; row++) {
      const middle = row * parts + half;
      const crossings: number[] = [];
      for (let i = 0; i < corners.length; i++) {
        const [ax, ay] = corners[i]!;
        const [bx, by] = corners[(i + 1) % corners.length]!;
        if (ay <= middle === by <= middle) continue;
        // Exact: whole numbers below 2 to the power of 53, and a quotient that is not rounded over a whole number.
        const rise = by - ay;
        const along = (ax - half) * rise + (middle - ay) * (bx - ax);
        crossings.push(Math.ceil(along / (parts * rise)));
      }
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) span(row, crossings[i]!, crossings[i + 1]!, color);
    }
  };
  const fillDisc = (x: number, y: number, radius: number, color: number): void => {
    const top = Math.max(0, firstFrom(y - radius));
    const bottom = Math.min(height, firstFrom(y + radius + 1));
    for (let row = top; row < bottom; row++) {
      const dy = row * parts + half - y;
      const reach = radius * radius - dy * dy;
      if (reach < 0) continue;
      const dx = Math.floor(Math.sqrt(reach));
      span(row, firstFrom(x - dx), firstFrom(x + dx + 1), color);
    }
  };

  const self: Canvas = {
    width,
    height,
    indices,
    palette,
    fill(color) {
      check("fill", color);
      indices.fill(color);
    },
    rect,
    frame(x, y, w, h, thickness, color) {
      rect(x, y, w, thickness, color);
      rect(x, y + h - thickness, w, thickness, color);
      rect(x, y, thickness, h, color);
      rect(x + w - thickness, y, thickness, h, color);
    },
    polygon(points, color) {
      check("polygon", color, ...points.flat());
      if (points.length < 3) return;
      fillPolygon(
        points.map(([x, y]) => [fixed(x), fixed(y)]),
        color,
      );
    },
    disc(x, y, radius, color) {
      check("disc", color, x, y, radius);
      fillDisc(fixed(x), fixed(y), fixed(radius), color);
    },
    line(x0, y0, x1, y1, thickness, color) {
      check("line", color, x0, y0, x1, y1, thickness);
      const [ax, ay, bx, by] = [fixed(x0), fixed(y0), fixed(x1), fixed(y1)];
      const radius = Math.round(fixed(thickness) / 2);
      fillDisc(ax, ay, radius, color);
      fillDisc(bx, by, radius, color);
      // Not Math.hypot, whose last bit machines may differ in; square roots are correctly rounded everywhere.
      const length = Math.sqrt((bx - ax) ** 2 + (by - ay) ** 2);
      if (length === 0) return;
      const nx = Math.round(((ay - by) * radius) / length);
      const ny = Math.round(((bx - ax) * radius) / length);
      const corners: Point[] = [
        [ax + nx, ay + ny],
        [bx + nx, by + ny],
        [bx - nx, by - ny],
        [ax - nx, ay - ny],
      ];
      fillPolygon(corners, color);
    },
    text(x, y, text, scale, color) {
      eachTextPixel(text, (column, row) => rect(x + column * scale, y + row * scale, scale, scale, color));
    },
    blit(other, x, y, scale = 1) {
      ensure(Buffer.compare(other.palette, palette) === 0, "input", () => ({
        where: "blit on a canvas",
        expected: "a picture of the same colours",
        got: `${other.palette.length / 3} others`,
      }));
      const left = Math.max(0, x);
      const right = Math.min(width, x + other.width * scale);
      for (let row = Math.max(0, y); row < Math.min(height, y + other.height * scale); row++) {
        const from = Math.floor((row - y) / scale) * other.width;
        const to = row * width;
        if (row > Math.max(0, y) && (row - y) % scale > 0) {
          indices.copyWithin(to + left, to - width + left, to - width + right);
        } else if (scale === 1) {
          indices.set(other.indices.subarray(from + left - x, from + right - x), to + left);
        } else {
          for (let at = left; at < right; at++)
            indices[to + at] = other.indices[from + Math.floor((at - x) / scale)]!;
        }
      }
    },
    png: () => encodeIndexedPng({ width, height, indices, palette }),
  };
  return self;
}
