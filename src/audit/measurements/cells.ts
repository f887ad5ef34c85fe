/** Converts boxes in pixels to grid cells, the visual tokens of an image. */

/** A rectangle of the cells (visual tokens) of one image. */
export interface Cells {
  image: number;
  row: number;
  column: number;
  rows: number;
  columns: number;
}

/** How many cells an image has down and across. */
export interface CellGrid {
  rows: number;
  columns: number;
}

/**
 * Whether two rectangles of cells have one in common.
 *
 * @example
 * overlap({ image: 0, row: 0, column: 0, rows: 2, columns: 2 }, { image: 0, row: 1, column: 1, rows: 1, columns: 1 }); // true
 */
export const overlap = (a: Cells, b: Cells): boolean =>
  a.image === b.image &&
  a.row < b.row + b.rows &&
  b.row < a.row + a.rows &&
  a.column < b.column + b.columns &&
  b.column < a.column + a.columns;

/** Cells of which at least half lies between two places (as shares of the whole); where there are none, the middle's. */
function within(from: number, to: number, count: number): { at: number; count: number } {
  const [low, high] = [Math.max(0, Math.min(from, to)), Math.min(1, Math.max(from, to))];
  const covered = Array.from(
    { length: count },
    (_, i) => Math.min(high, (i + 1) / count) - Math.max(low, i / count),
  );
  const inside = covered.flatMap((share, i) => (share >= 0.5 / count - 1e-9 ? [i] : []));
  if (inside.length > 0) return { at: inside[0]!, count: inside.length };
  return { at: Math.min(count - 1, Math.max(0, Math.floor(((from + to) / 2) * count))), count: 1 };
}

/**
 * The cells of a box: rows and columns of which at least half lies in it, and at least one of each.
 *
 * @param box - Left, top, right, bottom in pixels of the picture.
 *
 * @example
 * cellsOf([0, 0, 96, 96], { image: 0, width: 192, height: 192 }, { rows: 2, columns: 2 }); // { image: 0, row: 0, rows: 1, column: 0, columns: 1 }: at the top left
 */
export function cellsOf(
  [left, top, right, bottom]: readonly [number, number, number, number],
  { image, width, height }: { image: number; width: number; height: number },
  grid: CellGrid,
): Cells {
  const across = within(left / width, right / width, grid.columns);
  const down = within(top / height, bottom / height, grid.rows);
  return { image, row: down.at, rows: down.count, column: across.at, columns: across.count };
}
