import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Grid } from "../decoder/position-ids.ts";
import { interpolatedPositions } from "./position-interpolation.ts";

interface Case {
  side: number;
  mergeSize: number;
  grid: Grid;
  /** [P, 3]: interpolated row and column of the table, and their product / side. */
  places: number[];
}
const path = new URL("../../../test/goldens/qwen/rope-qwen3.json", import.meta.url);
const { learned } = JSON.parse(readFileSync(path, "utf8")) as { learned: Case[] };

describe("interpolatedPositions", () => {
  it.each(learned)("equals transformers: table $side², grid $grid", ({ side, mergeSize, grid, places }) => {
    const { rows, weights } = interpolatedPositions({ positionSide: side, mergeSize }, grid);
    const count = grid[0] * grid[1] * grid[2];
    expect(places.length).toBe(3 * count);
    let worst = 0;
    for (let patch = 0; patch < count; patch++) {
      const found = [0, 0, 0];
      for (let corner = 0; corner < 4; corner++) {
        const [row, weight] = [rows[corner * count + patch]!, weights[corner * count + patch]!];
        const [y, x] = [Math.floor(row / side), row % side];
        for (const [k, value] of [y, x, (y * x) / side].entries()) found[k]! += weight * value;
      }
      for (let k = 0; k < 3; k++) worst = Math.max(worst, Math.abs(found[k]! - places[patch * 3 + k]!));
    }
    expect(worst).toBeLessThan(2e-5); // 48 rows in float32, five decimals in the golden
  });

  it("covers tables that are enlarged and reduced", () => {
    expect(learned.some(({ side, grid }) => grid[1] > side)).toBe(true);
    expect(learned.some(({ side, grid }) => grid[1] < side && grid[2] < side)).toBe(true);
  });
});
