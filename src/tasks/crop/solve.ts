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
 */
export function solve(example: Example): number {
  if (example.question.includes("in the frame")) return solveFull(example);
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
