import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import golden from "../../test/goldens/qwen/evaluation-pixels.json" with { type: "json" };
import { families, familyNamed, visualTokenBounds } from "../families/index.ts";
import { parseProcessorConfig, processImage, resizedSizes } from "../qwen/index.ts";
import { familyBoundsText, preprocessingOf, preprocessingText, processorOf } from "./image-preprocessing.ts";

/** The picture that the script draws, too. */
function picture(width: number, height: number) {
  const pixels = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => (i * 7 + (i >> 5) * 13 + (i >> 9)) & 255,
  );
  return { width, height, pixels };
}

const published = parseProcessorConfig(
  { patch_size: 14, min_pixels: 3136, max_pixels: 12845056 },
  "published",
);
const pocket = parseProcessorConfig({ patch_size: 6, min_pixels: 144, max_pixels: 144 }, "pocket");

describe("pictures as families' evaluations make them ready", () => {
  // qwen_vl_utils' fetch_image and transformers' processor (python/lintel_reference/goldens/evaluation_pixels.py).
  it.each(golden.cases)(
    "$family: $width × $height",
    ({ family, width, height, config, before, grid, sha256 }) => {
      const own = parseProcessorConfig(config, "golden");
      const reading = preprocessingOf(familyNamed(family), own, {});
      const processor = processorOf(reading, own);
      const found = processImage(picture(width, height), processor);
      expect(found.grid).toEqual(grid);
      expect(createHash("sha256").update(found.patches).digest("hex")).toBe(sha256);
      const sizes = resizedSizes(processor, { width, height });
      expect([sizes.at(-2)!.width, sizes.at(-2)!.height]).toEqual(before);
    },
  );

  it("are told by every family, with its source", () => {
    for (const { name, pictures } of Object.values(families)) {
      expect(pictures.source, name).not.toBe("");
      expect(["white", "drop"], name).toContain(pictures.transparency);
    }
    const whites = Object.values(families).filter(({ pictures }) => pictures.transparency === "white");
    expect(whites.map(({ name }) => name)).toEqual([
      ...["lvr", "realvr", "univlr", "colt", "laser", "monet", "skila", "covt", "swimbird", "ivt-lr", "base"],
    ]);
  });

  it("have sides of their own where the evaluation says so", () => {
    const processor = processorOf(preprocessingOf(families["ivt-lr"], published, {}), published);
    const sizes = resizedSizes(processor, { width: 640, height: 90 });
    expect(sizes.slice(1)).toEqual(Array(2).fill({ width: 280, height: 280 }));
    expect(processImage(picture(640, 90), processor).grid).toEqual([1, 20, 20]);
  });

  it("leave checkpoints of another scale and those that Lintel made alone", () => {
    const small = preprocessingOf(families.lantern, pocket, {});
    expect(small).toMatchObject({ from: "checkpoint", bounds: { minPixels: 144, maxPixels: 144 } });
    expect(small.first).toBeUndefined();
    expect(processorOf(small, pocket)).toEqual(pocket);
    const trained = preprocessingOf(families.covt, published, { lintel: {} });
    expect(processorOf(trained, published)).toEqual(published);
    expect(trained.source).toMatch(/Lintel made/);
    // Transparency is the family's all the same.
    expect(trained.transparency).toBe("white");
  });

  it("give way to what is asked for", () => {
    expect(preprocessingOf(families.covt, published, {}, { pixels: "checkpoint" })).toMatchObject({
      from: "checkpoint",
      bounds: visualTokenBounds(4, 16384),
    });
    const asked = preprocessingOf(families.covt, published, {}, { minPixels: 784, maxPixels: 7840 });
    expect(asked).toMatchObject({ from: "options", bounds: { minPixels: 784, maxPixels: 7840 } });
    expect(asked.first).toBeUndefined();
    expect(preprocessingOf(families.lantern, pocket, {}, { maxPixels: 576 }).bounds).toEqual({
      minPixels: 144,
      maxPixels: 576,
    });
    expect(() => preprocessingOf(families.covt, published, {}, { minPixels: 9, maxPixels: 8 })).toThrow(
      /no larger than the largest, got 9 … 8 pixels/,
    );
  });

  it("are told in a sentence, and to those who lack preprocessor_config.json", () => {
    expect(preprocessingText(preprocessingOf(families.covt, published, {}))).toBe(
      "images of 3,136 … 12,845,056 pixels (4 … 16384 · 28²), resized before to 1,003,520 … 12,845,056 pixels " +
        "(1280 … 16384 · 28²) in steps of 28, as the family's evaluation has them (CoVT, VLMEvalKit/vlmeval/config.py:1932-1962 " +
        "and vlm/covt_qwen/model.py:148-201); preprocessor_config.json says 3,136 … 12,845,056 pixels (4 … 16384 · 28²); " +
        "transparent ones are laid on white",
    );
    expect(familyBoundsText(families.lantern)).toMatch(
      /lantern sets 200,704 … 2,744,000 pixels \(256 … 3500 · 28²\)/,
    );
    expect(familyBoundsText(families.ilvr)).toBeUndefined();
  });
});
