import { decodePng, type Picture } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import { canvas, textWidth } from "../canvas/index.ts";
import { only } from "../panels.ts";
import type { Example } from "../types.ts";
import { at, type CropColor, far, inkBox, nameColor, part, shapeIn } from "./inspect-sheet.ts";

/** The inside of the one dark frame of a scene, without the gap between frame and field. */
function framed(scene: Picture, where: string): Picture {
  const dark = (x: number, y: number): boolean => Math.max(...at(scene, x, y)) < 30;
  let [left, right, top, bottom] = [scene.width, -1, scene.height, -1];
  for (let y = 0; y < scene.height; y++) {
    for (let x = 0; x < scene.width; x++) {
      if (!dark(x, y)) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  const width = right - left + 1;
  if (width < 24 || width !== bottom - top + 1) {
    throw new LintelError("dataset", {
      where,
      expected: "one square frame",
      got: `${width} pixels of dark width`,
    });
  }
  let thickness = 0;
  while (dark(left + thickness, top + (width >> 1))) thickness++;
  const inset = thickness + 1;
  return part(scene, left + inset, top + inset, width - 2 * inset);
}

const isInk = (picture: Picture, ground: CropColor) => (x: number, y: number) =>
  far(at(picture, x, y), ground);

/** How many areas of ink there are, of pixels that share an edge. */
function countAreas(picture: Picture, ink: (x: number, y: number) => boolean): number {
  const { width, height } = picture;
  const seen = new Uint8Array(width * height);
  let areas = 0;
  for (let start = 0; start < width * height; start++) {
    if (seen[start] || !ink(start % width, Math.floor(start / width))) continue;
    areas++;
    const open = [start];
    seen[start] = 1;
    for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      for (const [nx, ny] of [
        [x - 1, y],
        [x + 1, y],
        [x, y - 1],
        [x, y + 1],
      ] as const) {
        // biome-ignore format: pairs
        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
        const next = ny * width + nx;
        if (seen[next] || !ink(nx, ny)) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
  }
  return areas;
}

/** Whether the ink in a box is this text in the font of all tasks, compared at the middle of each of its pixels. */
function reads(text: string, box: Picture, ink: (x: number, y: number) => boolean): boolean {
  const written = canvas(textWidth(text, 1), 7, Uint8Array.of(0, 0, 0, 1, 1, 1));
  written.text(0, 0, text, 1, 1);
  const columns = Array.from({ length: written.width }, (_, x) => x).filter((x) =>
    written.indices.some((value, i) => value === 1 && i % written.width === x),
  );
  const [first, last] = [columns[0]!, columns.at(-1)!];
  const scale = box.height / 7;
  if (Math.abs(box.width - (last - first + 1) * scale) > 0.5) return false;
  for (let y = 0; y < 7; y++) {
    for (let x = first; x <= last; x++) {
      const there = ink(Math.floor((x - first + 0.5) * scale), Math.floor((y + 0.5) * scale));
      if (there !== (written.indices[y * written.width + x] === 1)) return false;
    }
  }
  return true;
}

/**
 * The right option of a scene of the full rendering, from its pixels: what is in the frame, or, where that is
 * hidden, what the helper shows. Throws `LintelError` "dataset" unless exactly one option is right.
 */
export function solveFull(example: Example): number {
  const where = `example ${example.id}`;
  const decoded = (bytes: Uint8Array): Picture => {
    const picture = decodePng(bytes, `image of ${where}`);
    if (picture) return picture;
    throw new LintelError("dataset", { where, expected: "a PNG", got: "another format" });
  };
  const field = framed(decoded(example.images[0]!), where);
  const empty = inkBox(field) === null;
  const seen = empty && example.helpers[0] ? decoded(example.helpers[0]) : field;
  const ground = at(seen, 0, 0);
  const ink = isInk(seen, ground);
  const box = inkBox(seen);
  if (!box) return only(example, "thing in the frame", []);
  const inner = part(seen, box.left, box.top, box.width, box.height);
  const holds = (option: string): boolean => {
    if (/what color/i.test(example.question)) return nameColor(box.color) === option;
    if (/what shape/i.test(example.question)) return shapeIn(seen, box) === option;
    if (/how many/i.test(example.question)) return countAreas(seen, ink) === Number(option);
    return reads(option, inner, isInk(inner, ground));
  };
  return only(
    example,
    "option that names what is in the frame",
    example.options.map((_, i) => i).filter((i) => holds(example.options[i]!)),
  );
}
