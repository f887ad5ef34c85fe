import { decodePng, type Picture } from "../../formats/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules of the task: it looks for the odd ground, then for
 * what stands on it, with colours and shapes described in its own words.
 */
type Color = readonly [number, number, number];

/** Hue in degrees at which each colour name is at home. */
const hues: Record<string, number> = { red: 0, orange: 25, yellow: 48, green: 142, blue: 224, purple: 280 };

function at(picture: Picture, x: number, y: number): Color {
  const i = (y * picture.width + x) * 3;
  return [picture.pixels[i]!, picture.pixels[i + 1]!, picture.pixels[i + 2]!];
}

const far = (a: Color, b: Color): boolean =>
  Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]) > 60;

/** The square part of a picture with its corner at (left, top). */
function part(picture: Picture, left: number, top: number, size: number): Picture {
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    pixels.set(picture.pixels.subarray(from, from + size * 3), y * size * 3);
  }
  return { width: size, height: size, pixels };
}

function hueOf([red, green, blue]: Color): number {
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  if (most === red) return (60 * (green - blue)) / span + (green < blue ? 360 : 0);
  return most === green ? (60 * (blue - red)) / span + 120 : (60 * (red - green)) / span + 240;
}

/** Name of the colour whose home is nearest on the circle of hues. */
function nameColor(color: Color): string {
  const hue = hueOf(color);
  const distance = (name: string): number => Math.abs(((hue - hues[name]! + 540) % 360) - 180);
  return Object.keys(hues).reduce((best, name) => (distance(name) < distance(best) ? name : best));
}

/** What stands on a panel's ground, or null on an empty one: its colour, and its shape by how it fills its box. */
function look(panel: Picture): { color: string; shape: string } | null {
  const ground = at(panel, 0, 0);
  const filled = (x: number, y: number): boolean => far(at(panel, x, y), ground);
  let [left, right, top, bottom, area] = [panel.width, -1, panel.height, -1, 0];
  for (let y = 0; y < panel.height; y++) {
    for (let x = 0; x < panel.width; x++) {
      if (!filled(x, y)) continue;
      area++;
      [left, right, top, bottom] = [
        Math.min(left, x),
        Math.max(right, x),
        Math.min(top, y),
        Math.max(bottom, y),
      ];
    }
  }
  if (area === 0) return null;
  const share = area / ((right - left + 1) * (bottom - top + 1));
  const corners = { above: filled(left, top), below: filled(left, bottom) };
  const shape = corners.above ? "square" : corners.below ? "triangle" : share > 0.7 ? "circle" : "cross";
  const middle = at(panel, (left + right) >> 1, (top + bottom) >> 1);
  return { color: nameColor(middle), shape };
}

/** The one panel of the scene whose ground differs from that of the three others. */
function markedPanel(scene: Picture, id: string): Picture {
  const size = scene.width / 2;
  const panels = [0, 1, 2, 3].map((i) => part(scene, (i % 2) * size, Math.floor(i / 2) * size, size));
  const odd = panels.filter(
    (panel) => panels.filter((other) => far(at(panel, 0, 0), at(other, 0, 0))).length === 3,
  );
  ensure(odd.length === 1, "dataset", () => ({
    where: `example ${id}`,
    expected: "exactly one marked panel",
    got: `${odd.length}`,
  }));
  return odd[0]!;
}

function decoded(bytes: Uint8Array, where: string): Picture {
  const picture = decodePng(bytes, where);
  ensure(picture && picture.width === picture.height && picture.width % 2 === 0, "dataset", () => ({
    where,
    expected: "a square PNG",
    got: picture ? `${picture.width} × ${picture.height} pixels` : "another format",
  }));
  return picture;
}

/**
 * The right option of a crop example, from its pictures alone: what the marked panel shows, or, where that panel
 * is hidden, what the helper shows. Throws `LintelError` "dataset" unless exactly one option is right.
 *
 * @example
 * const [example] = tasks.crop.generate("eval", 1, 0);
 * tasks.crop.solve(example) === example.answer; // true
 */
export function solve(example: Example): number {
  const where = `example ${example.id}`;
  const seen =
    look(markedPanel(decoded(example.images[0]!, `image of ${where}`), example.id)) ??
    (example.helpers[0] ? look(decoded(example.helpers[0], `helper of ${where}`)) : null);
  const asked = /what (color|shape) /.exec(example.question)?.[1] as "color" | "shape" | undefined;
  const matching = example.options
    .map((_, i) => i)
    .filter((i) => seen && asked && example.options[i] === seen[asked]);
  if (matching.length === 1) return matching[0]!;
  throw new LintelError("dataset", {
    where,
    expected: "exactly one option that names what is marked",
    got: `${matching.length} for ${JSON.stringify(seen)} among ${example.options.join(", ")}`,
  });
}
