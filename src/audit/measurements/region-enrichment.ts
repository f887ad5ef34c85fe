import { known, type Measured, unknown } from "../../statistics/index.ts";
import { type CellGrid, type Cells, overlap } from "./cells.ts";

/** How often each cell lies in a region of this size that does not meet any of `regions`; null where there is no such place. */
function placements(
  { rows, columns }: Cells,
  regions: readonly Cells[],
  grids: readonly CellGrid[],
): { counts: Float64Array[]; total: number } | null {
  const counts = grids.map((grid) => new Float64Array(grid.rows * grid.columns));
  let total = 0;
  for (const [image, grid] of grids.entries())
    for (let row = 0; row + rows <= grid.rows; row++)
      for (let column = 0; column + columns <= grid.columns; column++) {
        const place = { image, row, column, rows, columns };
        if (regions.some((region) => overlap(region, place))) continue;
        total++;
        for (let y = row; y < row + rows; y++)
          for (let x = column; x < column + columns; x++) counts[image]![y * grid.columns + x]!++;
      }
  return total > 0 ? { counts, total } : null;
}

/** Scores of an example's cells, by image [rows · columns], to what they say of its regions. */
export type Enrichment = (scores: readonly ArrayLike<number>[]) => {
  /** Score of a region, and of a region of the same size elsewhere: means over regions. */
  inside: number;
  elsewhere: number;
  /** ρ = inside / (elsewhere + ε). */
  rho: number;
};

/**
 * Target-region enrichment ρ = s(M) / (E_B s(B) + ε): the score s (attention, saliency) of the cells M that are asked
 * about over that of regions B of the same shape. The expectation is no sample: B is every place in any of the example's
 * images that shares no cell with the target. Of several targets the means.
 *
 * @param epsilon - In units of the scores; with scores that are shares, 1e-6.
 * @returns A function of scores, as the places are the same for all layers; unknown without a target, and where no other
 * region has room.
 *
 * Source: ReaLVR G.2; docs/published-families.md §15.7.
 *
 * @example
 * const target = { image: 0, row: 0, column: 0, rows: 1, columns: 1 };
 * const of = regionEnrichment([target], [{ rows: 1, columns: 3 }], 0).value;
 * of([[0.6, 0.1, 0.2]]); // { inside: 0.6, elsewhere: 0.15, rho: 4 }
 */
export function regionEnrichment(
  regions: readonly Cells[],
  grids: readonly CellGrid[],
  epsilon: number,
): Measured<Enrichment> {
  if (regions.length === 0) return unknown("no target region");
  const others = regions.map((region) => placements(region, regions, grids));
  if (others.some((each) => each === null)) return unknown("no other region of its size");
  return known((scores) => {
    let [inside, elsewhere] = [0, 0];
    for (const [i, { image, row, column, rows, columns }] of regions.entries()) {
      const width = grids[image]!.columns;
      for (let y = row; y < row + rows; y++)
        for (let x = column; x < column + columns; x++)
          inside += scores[image]![y * width + x]! / regions.length;
      const { counts, total } = others[i]!;
      for (const [at, each] of counts.entries())
        for (const [cell, count] of each.entries())
          elsewhere += (count * scores[at]![cell]!) / total / regions.length;
    }
    return { inside, elsewhere, rho: inside / (elsewhere + epsilon) };
  });
}
