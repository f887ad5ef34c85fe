import { decodePng, type Picture } from "../formats/index.ts";
import { LintelError } from "../util/index.ts";
import type { Example } from "./types.ts";

/** What solvers share: they see panels in pictures, and know nothing of how those were painted. */

/** A rectangle of a picture. */
export interface Panel {
  picture: Picture;
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Color = readonly [number, number, number];

/** Smaller things on a sheet, in pixels, are labels. */
const smallest = 64;

const failed = (where: string, expected: string, got: string): LintelError =>
  new LintelError("dataset", { where, expected, got });

/** Parts of `length` places between those where `empty` holds, as [from, to). */
function parts(length: number, empty: (i: number) => boolean): [number, number][] {
  const found: [number, number][] = [];
  let from = -1;
  for (let i = 0; i <= length; i++) {
    const gone = i === length || empty(i);
    if (!gone && from < 0) from = i;
    if (gone && from >= 0) {
      found.push([from, i]);
      from = -1;
    }
  }
  return found;
}

/** Cuts a sheet along its empty rows and columns until nothing can be cut; every fourth pixel is looked at. */
function cut(panel: Panel): Panel[] {
  const { picture, x, y, width, height } = panel;
  const { pixels } = picture;
  const stride = picture.width;
  const paper = (px: number, py: number): boolean => {
    const at = (py * stride + px) * 3;
    return pixels[at] === pixels[0] && pixels[at + 1] === pixels[1] && pixels[at + 2] === pixels[2];
  };
  const rows = parts(height, (i) => {
    for (let px = 0; px < width; px += 4) if (!paper(x + px, y + i)) return false;
    return true;
  });
  if (rows.length !== 1 || rows[0]![1] - rows[0]![0] < height) {
    return rows.flatMap(([from, to]) => cut({ ...panel, y: y + from, height: to - from }));
  }
  const used = new Uint8Array(width);
  for (let py = 0; py < height; py += 4) {
    for (let px = 0; px < width; px++) if (used[px] === 0 && !paper(x + px, y + py)) used[px] = 1;
  }
  const columns = parts(width, (i) => used[i] === 0);
  if (columns.length === 1 && columns[0]![1] - columns[0]![0] === width) return [panel];
  return columns.flatMap(([from, to]) => cut({ ...panel, x: x + from, width: to - from }));
}

/**
 * The panels of an example in the order of reading: every image is one where there are several, and a single image
 * is a sheet of panels on paper of the color of its first pixel. Throws `LintelError` "dataset" for images that are
 * no PNG and unless there are `count` panels.
 */
export function panelsOf(example: Example, count: number): Panel[] {
  const whole = example.images.map((bytes, i): Panel => {
    const where = `image ${i} of example ${example.id}`;
    const picture = decodePng(bytes, where);
    if (!picture) throw failed(where, "a PNG", "another format");
    return { picture, x: 0, y: 0, width: picture.width, height: picture.height };
  });
  const panels =
    whole.length === 1 && count > 1
      ? cut(whole[0]!).filter(({ width, height }) => width >= smallest && height >= smallest)
      : whole;
  if (panels.length !== count)
    throw failed(`images of example ${example.id}`, `${count} panels`, `${panels.length}`);
  return panels;
}

function pixelOf({ picture, x, y }: Panel, px: number, py: number): Color {
  const at = ((y + py) * picture.width + x + px) * 3;
  return [picture.pixels[at]!, picture.pixels[at + 1]!, picture.pixels[at + 2]!];
}

/** The color of a panel at a place given as fractions of its width and height. */
export function colorAt(panel: Panel, across: number, down: number): Color {
  return pixelOf(panel, Math.floor(across * panel.width), Math.floor(down * panel.height));
}

/**
 * How many cells are side by side in a panel with grid lines of the color of its first pixel: counted along its
 * first line of pixels that is not all grid.
 */
export function cellsAcross(panel: Panel): number {
  const line = String(colorAt(panel, 0, 0));
  for (let y = 0; y < panel.height; y++) {
    const found = parts(panel.width, (x) => String(pixelOf(panel, x, y)) === line);
    if (found.length > 0) return found.length;
  }
  return 0;
}

/**
 * The name of the color nearest to this one.
 *
 * @example
 * nearestColor([250, 10, 0], { red: [255, 0, 0], blue: [0, 0, 255] }); // "red"
 */
export function nearestColor<N extends string>(color: Color, names: Record<N, Color>): N {
  const distance = (other: Color): number =>
    other.reduce((sum, value, i) => sum + (value - color[i]!) ** 2, 0);
  const all = Object.entries(names) as [N, Color][];
  return all.reduce((best, each) => (distance(each[1]) < distance(best[1]) ? each : best))[0];
}

/** The one candidate; throws `LintelError` "dataset" naming all of them, or none, otherwise. */
export function only(example: Example, what: string, candidates: readonly number[]): number {
  if (candidates.length === 1) return candidates[0]!;
  throw failed(
    `example ${example.id}`,
    `exactly one ${what}`,
    candidates.length === 0 ? "none" : candidates.join(", "),
  );
}
