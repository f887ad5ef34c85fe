import type { Picture } from "../../formats/index.ts";

/** What both solvers of crops know of colors and shapes, in words of their own: nothing is shared with the painters. */
export type CropColor = readonly [number, number, number];

/** Hue in degrees at which each color name is at home. */
const hues: Record<string, number> = { red: 0, orange: 25, yellow: 48, green: 142, blue: 224, purple: 280 };

export function at(picture: Picture, x: number, y: number): CropColor {
  const i = (y * picture.width + x) * 3;
  return [picture.pixels[i]!, picture.pixels[i + 1]!, picture.pixels[i + 2]!];
}

export const far = (a: CropColor, b: CropColor): boolean =>
  Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]) > 60;

/** The part of a picture with its corner at (left, top), a square without `height`. */
export function part(picture: Picture, left: number, top: number, width: number, height = width): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    pixels.set(picture.pixels.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, pixels };
}

function hueOf([red, green, blue]: CropColor): number {
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  if (most === red) return (60 * (green - blue)) / span + (green < blue ? 360 : 0);
  return most === green ? (60 * (blue - red)) / span + 120 : (60 * (red - green)) / span + 240;
}

/** Name of the color whose home is nearest on the circle of hues. */
export function nameColor(color: CropColor): string {
  const hue = hueOf(color);
  const distance = (name: string): number => Math.abs(((hue - hues[name]! + 540) % 360) - 180);
  return Object.keys(hues).reduce((best, name) => (distance(name) < distance(best) ? name : best));
}

/** The box around what differs from a picture's first pixel, with its number of pixels and the color of one. */
interface InkBox {
  left: number;
  top: number;
  width: number;
  height: number;
  area: number;
  color: CropColor;
}

/** The box around what is on a picture's ground; null on an empty one. */
export function inkBox(picture: Picture): InkBox | null {
  const ground = at(picture, 0, 0);
  let [left, right, top, bottom, area] = [picture.width, -1, picture.height, -1, 0];
  let color = ground;
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const here = at(picture, x, y);
      if (!far(here, ground)) continue;
      area++;
      color = here;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return area === 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1, area, color };
}

/** Which of the four shapes fills its box like this. */
export function shapeIn(picture: Picture, { left, top, width, height, area }: InkBox): string {
  const filled = (x: number, y: number): boolean => far(at(picture, x, y), at(picture, 0, 0));
  if (filled(left, top)) return "square";
  if (filled(left, top + height - 1)) return "triangle";
  return area / (width * height) > 0.7 ? "circle" : "cross";
}
