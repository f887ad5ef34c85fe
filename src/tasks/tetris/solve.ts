import { decodePng, type Picture } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules of the task: it reads cells back from pixels and
 * turns them with code of its own, so that an error in either shows.
 */
type Grid = boolean[][];

const cells = 6;

/** Reads a panel from the middles of its squares: most are ground, and the ones of the other colour are the shape. */
function readPanel(picture: Picture): Grid {
  const step = picture.width / cells;
  const middle = (i: number): number => Math.floor((i + 0.5) * step);
  const colors = Array.from({ length: cells * cells }, (_, i) => {
    const at = (middle(Math.floor(i / cells)) * picture.width + middle(i % cells)) * 3;
    return String(picture.pixels.subarray(at, at + 3));
  });
  const often = (color: string): number => colors.filter((other) => other === color).length;
  const ground = colors.find((color) => often(color) > colors.length / 2);
  return Array.from({ length: cells }, (_, row) =>
    colors.slice(row * cells, (row + 1) * cells).map((c) => c !== ground),
  );
}

/** A quarter turn clockwise: the first column, read upwards, becomes the first row. */
const clockwise = (grid: Grid): Grid =>
  Array.from({ length: cells }, (_, row) =>
    Array.from({ length: cells }, (_, column) => grid[cells - 1 - column]![row]!),
  );

const equal = (a: Grid, b: Grid): boolean =>
  a.every((line, row) => line.every((cell, column) => cell === b[row]![column]));

/** The one number of quarter turns, 1 to 3, for which `holds`; the error says what else was found. */
function only(example: Example, what: string, candidates: number[]): number {
  if (candidates.length === 1) return candidates[0]!;
  throw new LintelError("dataset", {
    where: `example ${example.id}`,
    expected: `exactly one ${what}`,
    got: candidates.length === 0 ? "none" : candidates.join(", "),
  });
}

/**
 * The right option of a tetris example, from its pictures alone: which rotation takes A to B (or which one the
 * question names), and which option shows C so rotated. Throws `LintelError` "dataset" unless there is exactly one.
 *
 * @example
 * const [example] = tasks.tetris.generate("eval", 1, 0);
 * tasks.tetris.solve(example) === example.answer; // true
 */
export function solve(example: Example): number {
  const grids = example.images.map((bytes, i) => {
    const picture = decodePng(bytes, `image ${i} of example ${example.id}`);
    if (!picture || picture.width !== picture.height || picture.width % cells !== 0) {
      throw new LintelError("dataset", {
        where: `image ${i} of example ${example.id}`,
        expected: "a square PNG of 6 × 6 cells",
        got: picture ? `${picture.width} × ${picture.height} pixels` : "another format",
      });
    }
    return readPanel(picture);
  });
  const shown = grids.slice(0, grids.length - example.options.length);
  const turned = (grid: Grid, quarters: number): Grid =>
    quarters === 0 ? grid : turned(clockwise(grid), quarters - 1);
  const named = /rotated by (90|180|270) degrees/.exec(example.question)?.[1];
  const quarters = named
    ? Number(named) / 90
    : only(
        example,
        "rotation that takes A to B",
        [1, 2, 3].filter((k) => equal(turned(shown[0]!, k), shown[1]!)),
      );
  const target = turned(shown.at(-1)!, quarters);
  const matching = example.options.map((_, i) => i).filter((i) => equal(grids[shown.length + i]!, target));
  return only(example, "option that shows C rotated", matching);
}
