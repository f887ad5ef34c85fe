import { decodePng, type Picture } from "../../formats/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import type { Example } from "../types.ts";
import { at, far, inkBox, nameColor, part, shapeIn } from "./inspect-sheet.ts";
import { solveFull } from "./solve-full.ts";

/** What is on a panel's ground, or null on an empty one: its color and its shape. */
function look(panel: Picture): { color: string; shape: string } | null {
  const box = inkBox(panel);
  if (!box) return null;
  return { color: nameColor(box.color), shape: shapeIn(panel, box) };
}

/**
 * The one panel of the scene whose ground differs from that of the three others, or, in a scene twice as wide as high, at
 * whose left a square differs from the three others.
 */
function markedPanel(scene: Picture, id: string): Picture {
  const size = scene.height / 2;
  const columns = scene.width / size;
  const squares = Array.from({ length: 2 * columns }, (_, i) =>
    part(scene, (i % columns) * size, Math.floor(i / columns) * size, size),
  );
  const panels = squares.filter((_, i) => columns === 2 || i % 2 === 1);
  const marks = squares.filter((_, i) => columns === 2 || i % 2 === 0);
  const odd = panels.filter(
    (_, i) => marks.filter((other) => far(at(marks[i]!, 0, 0), at(other, 0, 0))).length === 3,
  );
  ensure(odd.length === 1, "dataset", () => ({
    where: `example ${id}`,
    expected: "exactly one marked panel",
    got: `${odd.length}`,
  }));
  return odd[0]!;
}

/** A PNG of one of these proportions, width to height. */
function decoded(bytes: Uint8Array, where: string, proportions: readonly number[]): Picture {
  const picture = decodePng(bytes, where);
  const fits = picture && picture.height % 2 === 0 && proportions.includes(picture.width / picture.height);
  ensure(fits, "dataset", () => ({
    where,
    expected: proportions.length === 1 ? "a square PNG" : "a PNG that is square or twice as wide as high",
    got: picture ? `${picture.width} × ${picture.height} pixels` : "another format",
  }));
  return picture;
}

/**
 * The right option of a crop example, from its pictures alone: what the marked panel shows, or, where that panel
 * is hidden, what the helper shows. Throws `LintelError` "dataset" unless exactly one option is right.
 */
export function solve(example: Example): number {
  if (example.question.includes("in the frame")) return solveFull(example);
  const where = `example ${example.id}`;
  const seen =
    look(markedPanel(decoded(example.images[0]!, `image of ${where}`, [1, 2]), example.id)) ??
    (example.helpers[0] ? look(decoded(example.helpers[0], `helper of ${where}`, [1])) : null);
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
