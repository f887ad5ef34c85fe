import { sum } from "../../numeric/index.ts";
import type { Random } from "../../util/index.ts";

/** Cells along the edge of the sheet. Each has four triangles, which meet in its middle: folds run along their edges. */
export const side = 8;
const triangles = side * side * 4;

/** Which part of the sheet is folded over, named by where it was. */
const flaps = [
  "left",
  "right",
  "top",
  "bottom",
  "top left",
  "bottom right",
  "top right",
  "bottom left",
] as const;
type Flap = (typeof flaps)[number];

/**
 * A fold: the part of the sheet on one side of a line ends up on the other. The line is where the height that the
 * flap's name stands for is `at`: x, y, x + y or x − y, counted in quarters of a cell from the left top corner.
 */
export interface Fold {
  flap: Flap;
  at: number;
}

/** Where there is paper: 1 or 0 for each triangle. */
export type Shape = Uint8Array;

/** What a fold makes of a shape. */
export interface Folded {
  /** The flap before it is folded over, and the triangles that it ends up on. */
  moved: Shape;
  covered: Shape;
  /** The sheet afterwards. */
  shape: Shape;
}

type SheetPoint = readonly [x: number, y: number];

/** How far a point is on the side of a flap, whatever the fold's line. */
const heights: Record<Flap, (point: SheetPoint) => number> = {
  left: ([x]) => -x,
  right: ([x]) => x,
  top: ([, y]) => -y,
  bottom: ([, y]) => y,
  "top left": ([x, y]) => -x - y,
  "bottom right": ([x, y]) => x + y,
  "top right": ([x, y]) => x - y,
  "bottom left": ([x, y]) => y - x,
};

const sign = (flap: Flap): number => (["left", "top", "top left", "bottom left"].includes(flap) ? -1 : 1);

/** How far beyond the line of a fold a point is; positive on the flap. */
const beyond = ({ flap, at }: Fold, point: SheetPoint): number => heights[flap](point) - sign(flap) * at;

/** The mirror image of a point in the line of a fold. */
export function reflected({ flap, at }: Fold, [x, y]: SheetPoint): SheetPoint {
  switch (flap) {
    case "left":
    case "right":
      return [2 * at - x, y];
    case "top":
    case "bottom":
      return [x, 2 * at - y];
    case "top left":
    case "bottom right":
      return [at - y, at - x];
    default:
      return [y + at, x - at];
  }
}

/** A point within a triangle: a quarter of a cell above, right of, below or left of the cell's middle. */
const offsets: readonly SheetPoint[] = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
];
const middle = (cell: number): SheetPoint => [4 * (cell % side) + 2, 4 * Math.floor(cell / side) + 2];
const points: readonly SheetPoint[] = Array.from({ length: triangles }, (_, i) => {
  const [x, y] = middle(i >> 2);
  return [x + offsets[i & 3]![0], y + offsets[i & 3]![1]];
});
const numbers = new Map(points.map((point, i) => [String(point), i]));
/** The cell around a point; -1 off the sheet. */
const cellAt = ([x, y]: SheetPoint): number =>
  x < 0 || y < 0 || x >= 4 * side || y >= 4 * side ? -1 : (y >> 2) * side + (x >> 2);

/** For every fold: the triangles of the flap, and for each its image; -1 off the sheet. */
const tables = new Map<string, { triangle: number; image: number }[]>();
function tableOf(fold: Fold): { triangle: number; image: number }[] {
  const key = keyOf([fold]);
  const known = tables.get(key);
  if (known) return known;
  const table = points.flatMap((point, triangle) =>
    beyond(fold, point) > 0 ? [{ triangle, image: numbers.get(String(reflected(fold, point))) ?? -1 }] : [],
  );
  tables.set(key, table);
  return table;
}

/** The whole sheet. */
export const sheet = (): Shape => new Uint8Array(triangles).fill(1);

/**
 * Folds a shape; null where the line leaves nothing on one of its sides, or the flap would extend beyond the rest.
 */
export function fold(shape: Shape, line: Fold): Folded | null {
  const moved: Shape = new Uint8Array(triangles);
  const covered: Shape = new Uint8Array(triangles);
  const rest = shape.slice();
  let any = false;
  for (const { triangle, image } of tableOf(line)) {
    if (!shape[triangle]) continue;
    if (image < 0 || !shape[image]) return null;
    moved[triangle] = 1;
    covered[image] = 1;
    rest[triangle] = 0;
    any = true;
  }
  return any ? { moved, covered, shape: rest } : null;
}

/** A text for folds: equal for equal ones. */
export const keyOf = (folds: readonly Fold[]): string =>
  folds.map(({ flap, at }) => `${flap} ${at}`).join(", ");

/** What each of several folds makes of the sheet; null where one of them cannot be made. */
export function foldAll(folds: readonly Fold[]): Folded[] | null {
  const result: Folded[] = [];
  for (const line of folds) {
    const next = fold(result.at(-1)?.shape ?? sheet(), line);
    if (!next) return null;
    result.push(next);
  }
  return result;
}

const area = (shape: Shape): number => sum(shape);

/** A random fold of a shape whose flap is at least a fifth of it; null where the one drawn cannot be made. */
export function randomFold(r: Random, shape: Shape, diagonals: boolean): Fold | null {
  const flap = flaps[r.integer(diagonals ? 8 : 4)]!;
  const from = flap === "top right" || flap === "bottom left" ? 1 - side : 1;
  const count = flaps.indexOf(flap) < 4 ? side - 1 : 2 * side - 1;
  const line = { flap, at: 4 * (from + r.integer(count)) };
  const folded = fold(shape, line);
  return folded && area(folded.moved) * 5 >= area(shape) ? line : null;
}

/** Whether all, none, or some (null) of a cell's triangles belong to a shape. */
function holds(shape: Shape, cell: number): boolean | null {
  const count = shape[cell * 4]! + shape[cell * 4 + 1]! + shape[cell * 4 + 2]! + shape[cell * 4 + 3]!;
  return count === 4 ? true : count === 0 ? false : null;
}

/**
 * The holes after each unfolding, the last fold first, of a sheet punched in the middle of cells once all folds were
 * made; cells in rising order. Null where there is no paper, or a hole would be cut by a crease or an edge.
 */
export function unfold(
  folds: readonly Fold[],
  folded: readonly Folded[],
  punched: readonly number[],
): number[][] | null {
  if (punched.some((cell) => holds(folded.at(-1)!.shape, cell) !== true)) return null;
  let holes = [...punched];
  const result: number[][] = [];
  for (let i = folds.length - 1; i >= 0; i--) {
    const next = new Set(holes);
    for (const cell of holes) {
      if (beyond(folds[i]!, middle(cell)) === 0) return null;
      const image = cellAt(reflected(folds[i]!, middle(cell)));
      const inside = image < 0 ? false : holds(folded[i]!.moved, image);
      if (inside === null) return null;
      if (inside) next.add(image);
    }
    holes = [...next].sort((a, b) => a - b);
    result.push(holes);
  }
  return result;
}
