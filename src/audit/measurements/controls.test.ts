/** Measurements of regions, groups and residuals, against what follows from their definitions. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matrix, standardized } from "../../numeric/index.ts";
import { random } from "../../util/index.ts";
import { type Cells, cellsOf } from "./cells.ts";
import { pairwiseCosine } from "./pairwise-cosine.ts";
import { regionEnrichment } from "./region-enrichment.ts";
import { crossFitResiduals } from "./residuals.ts";
import { withinGroups } from "./within-groups.ts";

const normal = (n: number, d: number, seed: number) => {
  const r = random(seed, "controls");
  return matrix(
    Float64Array.from({ length: n * d }, () => r.normal()),
    n,
    d,
  );
};

describe("cells of a box", () => {
  const picture = { image: 0, width: 100, height: 50 };
  const grid = { rows: 5, columns: 10 };
  const cells = (...box: [number, number, number, number]) => {
    const { row, rows, column, columns } = cellsOf(box, picture, grid);
    return [row, rows, column, columns];
  };

  it("are those of which half lies in it", () => {
    expect(cells(0, 0, 100, 50)).toEqual([0, 5, 0, 10]);
    expect(cells(20, 10, 40, 30)).toEqual([1, 2, 2, 2]);
    expect(cells(24.9, 10, 45.1, 30)).toEqual([1, 2, 2, 3]);
    expect(cells(25.1, 10, 44.9, 30)).toEqual([1, 2, 3, 1]);
  });

  it("are the middle's where the box is smaller than half a cell, and never none", () => {
    expect(cells(33, 12, 35, 14)).toEqual([1, 1, 3, 1]);
    expect(cells(-50, -50, -10, -10)).toEqual([0, 1, 0, 1]);
    expect(cells(400, 400, 500, 500)).toEqual([4, 1, 9, 1]);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -20, max: 120, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (b) => {
          const { row, rows, column, columns } = cellsOf(b as never, picture, grid);
          expect(rows >= 1 && columns >= 1 && row >= 0 && column >= 0).toBe(true);
          expect(row + rows <= grid.rows && column + columns <= grid.columns).toBe(true);
        },
      ),
    );
  });
});

describe("enrichment of a region", () => {
  const at = (row: number, column: number, rows = 1, columns = 1, image = 0): Cells => ({
    ...{ image, row, column, rows, columns },
  });

  it("is 1 where all cells have the same, whatever the region", () => {
    for (const region of [at(0, 0), at(1, 2, 2, 1), at(0, 3, 4, 2)]) {
      const { value } = regionEnrichment([region], [{ rows: 4, columns: 6 }], 0);
      expect(value!([new Float64Array(24).fill(0.01)]).rho).toBeCloseTo(1, 12);
    }
  });

  it("has in its denominator the mean over every place of its shape that does not meet it, by brute force", () => {
    const grids = [
      { rows: 3, columns: 4 },
      { rows: 2, columns: 2 },
    ];
    const scores = grids.map(({ rows, columns }, i) => normal(rows * columns, 1, i).values.map(Math.abs));
    const regions = [at(0, 0, 1, 2), at(1, 0, 1, 2, 1)];
    const of = regionEnrichment(regions, grids, 0).value!;
    const sum = (image: number, row: number, column: number) =>
      scores[image]![row * grids[image]!.columns + column]! +
      scores[image]![row * grids[image]!.columns + column + 1]!;
    const places: number[] = [];
    for (const [image, { rows, columns }] of grids.entries())
      for (let row = 0; row < rows; row++)
        for (let column = 0; column + 2 <= columns; column++) {
          const meets = (image === 0 && row === 0 && column < 2) || (image === 1 && row === 1);
          if (!meets) places.push(sum(image, row, column));
        }
    const found = of(scores);
    expect(found.inside).toBeCloseTo((sum(0, 0, 0) + sum(1, 1, 0)) / 2, 12);
    expect(found.elsewhere).toBeCloseTo(places.reduce((a, b) => a + b, 0) / places.length, 12);
    expect(found.rho).toBeCloseTo(found.inside / found.elsewhere, 12);
  });

  it("is unknown without a target, and where nothing else has room", () => {
    expect(regionEnrichment([], [{ rows: 2, columns: 2 }], 0).reason).toMatch(/no target region/);
    expect(regionEnrichment([at(0, 0, 2, 2)], [{ rows: 2, columns: 3 }], 0).reason).toMatch(/of its size/);
    const panels = [1, 2, 3].map(() => ({ rows: 2, columns: 2 }));
    const of = regionEnrichment([at(0, 0, 2, 2, 1)], panels, 0).value!;
    // A whole panel is compared with the others.
    expect(
      of([
        [1, 1, 1, 1],
        [4, 4, 4, 4],
        [3, 3, 3, 3],
      ]),
    ).toMatchObject({ inside: 16, elsewhere: 8, rho: 2 });
  });
});

describe("cosine within groups and between them", () => {
  it("is that of all pairs, by brute force", () => {
    const x = normal(30, 5, 1);
    const labels = Array.from({ length: 30 }, (_, i) => "abc"[i % 3]!);
    const cosine = (i: number, j: number): number => {
      const row = (k: number) => x.values.subarray(k * 5, k * 5 + 5);
      const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
        Array.from(a).reduce((sum, v, k) => sum + v * b[k]!, 0);
      return dot(row(i), row(j)) / Math.sqrt(dot(row(i), row(i)) * dot(row(j), row(j)));
    };
    let [same, pairs, different, others] = [0, 0, 0, 0];
    for (let i = 0; i < 30; i++)
      for (let j = 0; j < 30; j++) {
        if (i === j) continue;
        if (labels[i] === labels[j]) [same, pairs] = [same + cosine(i, j), pairs + 1];
        else [different, others] = [different + cosine(i, j), others + 1];
      }
    const found = withinGroups(x, labels).value!;
    expect(found.same).toBeCloseTo(same / pairs, 10);
    expect(found.different).toBeCloseTo(different / others, 10);
    expect(found.differences.reduce((a, b) => a + b, 0) / 30).toBeCloseTo(found.difference, 12);
  });

  it("is unknown where there is nothing to compare; who is alone does not count", () => {
    const x = normal(4, 3, 2);
    expect(withinGroups(x, ["a", "a", "a", "a"]).reason).toMatch(/1 group/);
    expect(withinGroups(x, ["a", "b", "c", "d"]).reason).toMatch(/alone/);
    expect(withinGroups(x, ["a", "a", "b", "c"]).value).toMatchObject({ n: 2 });
    expect(withinGroups(matrix([1, 0, 0, 0], 2, 2), ["a", "b"]).reason).toMatch(/no direction/);
    expect(withinGroups(matrix([1, Number.NaN], 2, 1), ["a", "b"]).reason).toMatch(/not finite/);
  });
});

describe("residuals", () => {
  it("are what is added to a linear map of the inputs, and nothing of the map", () => {
    const [n, p, d] = [120, 4, 3];
    const [x, weights, noise] = [normal(n, p, 3), normal(p, d, 4), normal(n, d, 5)];
    const z = matrix(
      Float64Array.from({ length: n * d }, (_, at) => {
        const [i, j] = [Math.floor(at / d), at % d];
        let sum = 7 + 0.01 * noise.values[at]!;
        for (let k = 0; k < p; k++) sum += x.values[i * p + k]! * weights.values[k * d + j]!;
        return sum;
      }),
      n,
      d,
    );
    const { residuals, explained } = crossFitResiduals(z, x, 0).value!;
    expect(explained).toBeGreaterThan(0.999);
    let [dot, a, b] = [0, 0, 0];
    for (const [at, value] of residuals.values.entries()) {
      dot += value * noise.values[at]!;
      a += value ** 2;
      b += noise.values[at]! ** 2;
    }
    expect(dot / Math.sqrt(a * b)).toBeGreaterThan(0.9);
  });

  it("of what the inputs say nothing about are the latents less their mean, as alike as chance has it", () => {
    const [n, d] = [200, 8];
    const own = normal(n, d, 6);
    const z = matrix(
      own.values.map((value) => value + 5),
      n,
      d,
    );
    const { residuals, explained } = crossFitResiduals(z, normal(n, 3, 7), 0).value!;
    expect(Math.abs(explained)).toBeLessThan(0.1);
    expect(pairwiseCosine(z).value!).toBeGreaterThan(0.8);
    expect(Math.abs(pairwiseCosine(residuals).value!)).toBeLessThan(0.02);
  });

  it("never see the example itself: what is learnt by heart is not explained", () => {
    // As many inputs as examples: without folds everything would be.
    const { explained } = crossFitResiduals(normal(60, 4, 8), normal(60, 60, 9), 0).value!;
    expect(explained).toBeLessThan(0.2);
  });

  it("are unknown from too little, and of what does not vary", () => {
    expect(crossFitResiduals(normal(24, 2, 1), normal(24, 2, 2), 0).reason).toMatch(/at least 25/);
    const still = matrix(new Float64Array(80).fill(1), 40, 2);
    expect(crossFitResiduals(normal(40, 2, 1), still, 0).reason).toMatch(/does not vary/);
    expect(crossFitResiduals(still, normal(40, 2, 1), 0).reason).toMatch(/equal/);
    expect(crossFitResiduals(normal(40, 2, 1), normal(30, 2, 1), 0).reason).toMatch(/40 vectors against 30/);
  });

  it("are fitted on columns of equal size", () => {
    const { values } = standardized(normal(50, 2, 3));
    for (const j of [0, 1]) {
      const column = Array.from({ length: 50 }, (_, i) => values[2 * i + j]!);
      expect(column.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 10);
      expect(column.reduce((a, b) => a + b * b, 0)).toBeCloseTo(50, 10);
    }
  });
});
