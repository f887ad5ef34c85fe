import { random } from "../../util/index.ts";

/** Rows and columns of a panel. */
export const side = 6;

/** Filled cells of a panel as numbers row · 6 + column. */
export type Cells = readonly number[];

/** A polyomino up to translation, rotation and reflection. */
export interface Orbit {
  /** Position in the list of all orbits: by number of cells, then by form. */
  id: number;
  /** One of its eight forms, at the top left of the panel. */
  cells: Cells;
}

/** 2 to the power of each cell: exact in a double. */
const powers: readonly number[] = Array.from({ length: side * side }, (_, cell) => 2 ** cell);

/** One number for a set of cells, whatever their order: bit i for cell i. */
export function keyOf(cells: Cells): number {
  let key = 0;
  for (const cell of cells) key += powers[cell]!;
  return key;
}

const move = (cells: Cells, to: (row: number, column: number) => number): Cells =>
  cells.map((cell) => to(Math.floor(cell / side), cell % side));

/** The panel turned clockwise about its center, `quarters` times 90 degrees. */
export function turn(cells: Cells, quarters: number): Cells {
  let turned = cells;
  for (let i = 0; i < (quarters & 3); i++)
    turned = move(turned, (row, column) => column * side + side - 1 - row);
  return turned;
}

/** The panel mirrored left to right. */
export function mirror(cells: Cells): Cells {
  return move(cells, (row, column) => row * side + side - 1 - column);
}

/** Height and width of the box around the cells, and the cells moved to the panel's top left. */
export function boxed(cells: Cells): { cells: Cells; rows: number; columns: number } {
  let [top, left, bottom, right] = [side, side, -1, -1];
  for (const cell of cells) {
    const row = Math.floor(cell / side);
    const column = cell % side;
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
    left = Math.min(left, column);
    right = Math.max(right, column);
  }
  const shift = top * side + left;
  return { cells: cells.map((cell) => cell - shift), rows: bottom - top + 1, columns: right - left + 1 };
}

/** Keys of the eight forms of a shape (four turns, each also mirrored), moved to the top left. */
function formKeys(cells: Cells): number[] {
  const { cells: shape, rows, columns } = boxed(cells);
  const keys = Array<number>(8).fill(0);
  for (const cell of shape) {
    const row = Math.floor(cell / side);
    const column = cell % side;
    const up = rows - 1 - row;
    const back = columns - 1 - column;
    for (const [i, r] of [row, up].entries()) {
      for (const [j, c] of [column, back].entries()) {
        keys[i * 2 + j]! += powers[r * side + c]!;
        keys[4 + i * 2 + j]! += powers[c * side + r]!;
      }
    }
  }
  return keys;
}

/**
 * The canonical key of a shape: equal for two shapes exactly when translation, rotation and reflection can turn
 * one into the other.
 */
export function orbitKey(cells: Cells): number {
  return Math.min(...formKeys(cells));
}

/** Cells beside a cell, within the panel. */
export const neighbors: readonly Cells[] = Array.from({ length: side * side }, (_, cell) =>
  [
    cell >= side ? cell - side : -1,
    cell < side * (side - 1) ? cell + side : -1,
    cell % side > 0 ? cell - 1 : -1,
    cell % side < side - 1 ? cell + 1 : -1,
  ].filter((other) => other >= 0),
);

/** Whether every cell can be reached from the first over shared edges. */
export function connected(cells: Cells): boolean {
  const left = new Set(cells);
  const open = cells.slice(0, 1);
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
    if (!left.delete(cell)) continue;
    open.push(...neighbors[cell]!);
  }
  return left.size === 0;
}

/** Offsets that together leave room for growth on both sides of a box of this extent. */
const insets = (extent: number): number[] => (extent === side ? [0] : extent === side - 1 ? [0, 1] : [1]);

/** Calls `each` with the shapes of 2, 3, … `largest` cells that fit the panel, by their canonical keys. */
function grow(largest: number, each: (size: number, shapes: ReadonlyMap<number, Cells>) => void): void {
  let shapes = new Map<number, Cells>([[1, [0]]]);
  for (let size = 2; size <= largest; size++) {
    const grown = new Map<number, Cells>();
    for (const shape of shapes.values()) {
      const { rows, columns } = boxed(shape);
      for (const down of insets(rows)) {
        for (const right of insets(columns)) {
          const placed = shape.map((cell) => cell + down * side + right);
          for (const added of new Set(placed.flatMap((cell) => neighbors[cell]!))) {
            if (placed.includes(added)) continue;
            const { cells } = boxed([...placed, added]);
            const key = orbitKey(cells);
            if (!grown.has(key)) grown.set(key, cells);
          }
        }
      }
    }
    shapes = grown;
    each(size, shapes);
  }
}

/**
 * Every polyomino of `fewest` to `most` cells that fits the panel and has no symmetry at all, hence four distinct
 * rotations and a mirror image that is none of them: of 6 to 9 cells 1,543 orbits (20, 84, 311 and 1,128 of 6, 7, 8
 * and 9 cells). Grown cell by cell: each shape contains one of one cell less.
 */
export function allOrbits(fewest = 6, most = 9): Orbit[] {
  const orbits: Orbit[] = [];
  grow(most, (size, shapes) => {
    if (size < fewest) return;
    const asymmetric = [...shapes].filter(([, cells]) => new Set(formKeys(cells)).size === 8);
    for (const [, cells] of asymmetric.sort(([a], [b]) => a - b)) orbits.push({ id: orbits.length, cells });
  });
  return orbits;
}

/** Orbits that no training example shows in any form. */
const heldOutOrbits = 400;

/** Cells of the shapes that are held out by their number of cells: no other split has any of this many. */
export const heldOutCells = 10;

/**
 * The orbits of training (and of "eval") and those held out. The division is the same for every seed, so that
 * no two datasets can undo it.
 */
export function dividedOrbits(): { train: Orbit[]; heldOut: Orbit[] } {
  const shuffled = random(0, "tetris", "held-out orbits").shuffled(allOrbits());
  return { heldOut: shuffled.slice(0, heldOutOrbits), train: shuffled.slice(heldOutOrbits) };
}

/** A shape up to place and rotation, but not reflection: equal texts for equal shapes. */
function turnKey(cells: Cells): string {
  const forms = [0, 1, 2, 3].map((quarters) =>
    [...boxed(turn(cells, quarters)).cells].sort((a, b) => a - b).join(" "),
  );
  return forms.sort()[0]!;
}

/**
 * How often the best reader of the options alone is right. The right option is one of several turns of one shape: where
 * three options are turns of one shape and the fourth is of another, that one is out, and one in three is right.
 *
 * @param options - Cells of each option.
 */
export function chanceOfOptions(options: readonly Cells[]): number {
  const counts = new Map<string, number>();
  const keys = options.map(turnKey);
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return 1 / keys.filter((key) => counts.get(key) === most).length;
}
