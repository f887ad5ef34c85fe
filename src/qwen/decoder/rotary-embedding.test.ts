import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LintelError } from "../../util/index.ts";
import { pocketConfig } from "../config/pocket-config.ts";
import type { TextConfig } from "../config/types.ts";
import { type Grid, ropeIndex } from "./position-ids.ts";
import { decoderRotary } from "./rotary-embedding.ts";

interface Golden {
  cases: {
    name: string;
    ids: number[][];
    mask: number[][] | null;
    grids: Grid[];
    positions: number[][][];
    deltas: number[];
  }[];
  tables: {
    theta: number;
    headDim: number;
    section: [number, number, number];
    positions: number[][];
    cos: number[][];
    sin: number[][];
  }[];
}
const read = (name: string): Golden =>
  JSON.parse(
    readFileSync(new URL(`../../../test/goldens/qwen/${name}.json`, import.meta.url), "utf8"),
  ) as Golden;
const golden = read("rope");
const newer = read("rope-qwen3");
const config = pocketConfig({
  vocabSize: 300,
  hiddenSize: 64,
  layers: 2,
  heads: 4,
  tokens: { image: 291, video: 292, visionStart: 289, visionEnd: 290 },
});

describe("ropeIndex", () => {
  it.each(golden.cases)("equals transformers: $name", ({ ids, mask, grids, positions, deltas }) => {
    const found = ropeIndex({ ids, grids: grids.length ? grids : null, ...(mask ? { mask } : {}) }, config);
    expect([...found.positions]).toEqual(positions.flat(2));
    expect([...found.deltas]).toEqual(deltas);
  });

  it.each(newer.cases)(
    "equals transformers for Qwen3-VL: $name",
    ({ ids, mask, grids, positions, deltas }) => {
      const qwen3 = { ...config, vision: { ...config.vision, kind: "qwen3" as const } };
      const found = ropeIndex({ ids, grids: grids.length ? grids : null, ...(mask ? { mask } : {}) }, qwen3);
      expect([...found.positions]).toEqual(positions.flat(2));
      expect([...found.deltas]).toEqual(deltas);
    },
  );

  it("covers at least twelve layouts with none to three images in a row", () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(12);
  });

  it.each<[string, number[], Grid[], RegExp]>([
    ["too few image tokens", [1, 289, 291, 290], [[1, 4, 4]], /4 image tokens for the grid 1×4×4, got 1/],
    ["too few grids", [289, 291, 290, 289, 291], [[1, 2, 2]], /fewer grids than images/],
    [
      "too many grids",
      [289, 291, 290],
      [
        [1, 2, 2],
        [1, 2, 2],
      ],
      /expected 1, one for each image.*got 2/,
    ],
    ["a video", [289, 292, 290], [[1, 2, 2]], /images only, got a video token/],
  ])("refuses %s", (_name, ids, grids, error) => {
    const run = () => ropeIndex({ ids: [ids], grids }, config);
    expect(run).toThrow(LintelError);
    expect(run).toThrow(error);
  });

  it("refuses rows of different length", () => {
    expect(() => ropeIndex({ ids: [[1, 2], [1]], grids: null }, config)).toThrow(/row 1: expected 2 tokens/);
  });
});

describe("decoderRotary", () => {
  it.each([
    ...golden.tables.map((table) => ({ ...table, interleaved: false })),
    ...newer.tables.map((table) => ({ ...table, interleaved: true })),
  ])("equals transformers for θ $theta, head $headDim, sections $section", (table) => {
    const text = {
      ...config.text,
      headDim: table.headDim,
      ropeTheta: table.theta,
      mropeSection: table.section,
      mropeInterleaved: table.interleaved,
    } satisfies TextConfig;
    const { cos, sin } = decoderRotary(text)(table.positions.flat());
    const half = table.headDim / 2;
    let worst = 0;
    table.cos.forEach((row, i) => {
      for (let k = 0; k < table.headDim; k++) {
        worst = Math.max(worst, Math.abs(cos[i * half + (k % half)]! - row[k]!));
        worst = Math.max(worst, Math.abs(sin[i * half + (k % half)]! - table.sin[i]![k]!));
      }
    });
    // of θ = 5e6 torch rounds one frequency the other way: one part in 10⁷ of 50 radians
    expect(worst).toBeLessThan(table.interleaved ? 5e-6 : 1e-6);
  });
});
