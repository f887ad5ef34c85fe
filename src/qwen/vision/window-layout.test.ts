import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readSafetensors } from "../../formats/index.ts";
import { pocketConfig } from "../config/pocket-config.ts";
import type { VisionConfig } from "../config/types.ts";
import type { Grid } from "../decoder/position-ids.ts";
import { permuteGroups, segmentMask, visionLayout } from "./window-layout.ts";

interface Case {
  patchSize: number;
  windowSize: number;
  mergeSize: number;
  headDim: number;
  grids: Grid[];
  windowIndex: number[];
  reverse: number[];
  windowSegments: number[];
  imageSegments: number[];
}
const folder = new URL("../../../test/goldens/qwen/", import.meta.url).pathname;
const cases = JSON.parse(readFileSync(`${folder}layout.json`, "utf8")) as Case[];
const { vision } = pocketConfig({ vocabSize: 64, hiddenSize: 64, layers: 2, heads: 4 });

function configOf({ patchSize, windowSize, mergeSize, headDim }: Case): VisionConfig {
  return { ...vision, patchSize, windowSize, mergeSize, heads: 1, hiddenSize: headDim };
}

describe("visionLayout", () => {
  it.each(cases)("equals transformers: window $windowSize, grids $grids", (golden) => {
    const layout = visionLayout(configOf(golden), golden.grids);
    expect([...layout.windowIndex]).toEqual(golden.windowIndex);
    expect([...layout.reverse]).toEqual(golden.reverse);
    expect([...layout.windowSegments]).toEqual(golden.windowSegments);
    expect([...layout.imageSegments]).toEqual(golden.imageSegments);
  });

  it("gives the reference's rotary tables", async () => {
    const tables = await readSafetensors(`${folder}layout.safetensors`);
    let compared = 0;
    for (const [i, golden] of cases.entries()) {
      const full = tables.get(`cos.${i}`);
      if (!full) continue;
      const layout = visionLayout(configOf(golden), golden.grids);
      const half = golden.headDim / 2;
      for (const [ours, theirs] of [
        [layout.cos, full.data as Float32Array],
        [layout.sin, tables.get(`sin.${i}`)!.data as Float32Array],
      ] as const) {
        expect(ours.length * 2).toBe(theirs.length);
        let worst = 0;
        theirs.forEach((value, at) => {
          const [row, k] = [Math.floor(at / golden.headDim), at % half];
          worst = Math.max(worst, Math.abs(value - ours[row * half + k]!));
        });
        expect(worst).toBeLessThan(1e-6);
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(8);
  });
});

describe("segmentMask", () => {
  it("lets a patch see its segment and nothing else", () => {
    expect([...segmentMask([0, 2, 3], -7)]).toEqual([0, 0, -7, 0, 0, -7, -7, -7, 0]);
  });
});

describe("permuteGroups", () => {
  it("is undone by the reverse order", () => {
    const golden = cases[2]!;
    const { windowIndex, reverse } = visionLayout(configOf(golden), golden.grids);
    const values = Float32Array.from({ length: windowIndex.length * 3 }, (_, i) => i);
    const moved = permuteGroups(values, windowIndex, 3);
    expect([...moved]).not.toEqual([...values]);
    expect(moved[3 * 4]).toBe(3 * windowIndex[4]!);
    expect([...permuteGroups(moved, reverse, 3)]).toEqual([...values]);
  });
});
