import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LintelError } from "../../util/index.ts";
import { parseProcessorConfig, readProcessor } from "./processor-config.ts";

const size = { shortest_edge: 3136, longest_edge: 50176 };
const bounds = (json: unknown): [number, number] => {
  const { minPixels, maxPixels } = parseProcessorConfig(json, "p.json");
  return [minPixels, maxPixels];
};

// What transformers 5.24.0 (AutoImageProcessor, an image of 500 × 300) makes of each; 4.57.1 refuses the same.
describe("bounds", () => {
  it.each<[string, unknown, [number, number]]>([
    ["of size", { size }, [3136, 50176]],
    ["of the old names before size", { min_pixels: 784, max_pixels: 7840, size }, [784, 7840]],
    [
      "of one old name and size",
      { max_pixels: 7840, size: { shortest_edge: 100, longest_edge: 1e6 } },
      [100, 7840],
    ],
    [
      "of an old name that fills what size lacks",
      { min_pixels: 784, size: { longest_edge: 50176 } },
      [784, 50176],
    ],
    [
      "of old names beside a size of pixels",
      { min_pixels: 784, max_pixels: 7840, size: { min_pixels: 1, max_pixels: 60000 } },
      [784, 7840],
    ],
    ["by default", { size: null }, [3136, 1003520]],
  ])("%s", (_name, json, expected) => expect(bounds(json)).toEqual(expected));

  it.each([
    [{ size: { min_pixels: 3136, max_pixels: 50176 } }],
    [{ size: { shortest_edge: 3136 } }],
    [{ size: { longest_edge: 50176 } }],
    [{ size: { height: 224, width: 224 } }],
    [{ size: {} }],
    [{ min_pixels: 784, size: { max_pixels: 50176 } }],
  ])("are not guessed: %j", (json) => {
    expect(() => parseProcessorConfig(json, "p.json")).toThrow(
      /^p.json: size: expected shortest_edge and longest_edge, .*, got \{.*\}. Try/,
    );
  });

  it.each([[{ size: 224 }], [{ size: { shortest_edge: 0, longest_edge: 5 } }], [{ size: [1, 2] }]])(
    "of another kind are refused: %j",
    (json) => expect(() => parseProcessorConfig(json, "p.json")).toThrow(/p.json.*size/),
  );

  it("are for processors of Qwen-VL alone", () => {
    for (const type of [
      "Qwen2VLImageProcessor",
      "Qwen2VLImageProcessorFast",
      "Qwen2VLImageProcessorPil",
      "Qwen2_5_VLImageProcessor",
    ])
      expect(bounds({ image_processor_type: type, size })).toEqual([3136, 50176]);
    expect(() =>
      parseProcessorConfig({ image_processor_type: "CLIPImageProcessor", size }, "p.json"),
    ).toThrow(/image_processor_type: expected the image processor of a Qwen-VL model/);
  });
});

describe("readProcessor", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "lintel-processor-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(directory, `${name}.json`), typeof value === "string" ? value : JSON.stringify(value));
  const failure = async (): Promise<LintelError> => {
    const error = await readProcessor(directory).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LintelError);
    expect((error as LintelError).code).toBe("checkpoint");
    return error as LintelError;
  };

  it("reads what transformers 4 writes, and what 5 does", async () => {
    write("preprocessor_config", { size });
    expect((await readProcessor(directory)).maxPixels).toBe(50176);
    // of the first versions with a processor_config.json, which held no image processor
    write("processor_config", { processor_class: "Qwen2_5_VLProcessor" });
    expect((await readProcessor(directory)).maxPixels).toBe(50176);
    write("processor_config", { image_processor: { size, patch_size: 14 } });
    expect((await readProcessor(directory)).maxPixels).toBe(50176);
    rmSync(join(directory, "preprocessor_config.json"));
    expect((await readProcessor(directory)).maxPixels).toBe(50176);
  });

  it("refuses two that contradict each other, of which each version reads another", async () => {
    write("preprocessor_config", { size: { ...size, longest_edge: 7840 } });
    write("processor_config", { image_processor: { size, image_mean: [0.5, 0.5, 0.5] } });
    expect((await failure()).message).toMatch(
      /the same image processor in processor_config.json, which transformers 5 reads, .*got different values of maxPixels and mean/,
    );
  });

  it("says what is missing, or wrong", async () => {
    expect((await failure()).message).toMatch(
      /expected preprocessor_config.json, or .*, got neither. Try copying/,
    );
    write("processor_config", { processor_class: "Qwen2_5_VLProcessor" });
    expect((await failure()).message).toMatch(/got processor_config.json without one/);
    write("processor_config", "{");
    expect((await failure()).message).toMatch(/processor_config.json: expected JSON/);
    write("processor_config", "[]");
    expect((await failure()).message).toMatch(/processor_config.json: expected an object/);
    write("processor_config", { image_processor: { size: { min_pixels: 1, max_pixels: 2 } } });
    expect((await failure()).message).toMatch(
      /processor_config.json: image_processor: size: expected shortest_edge/,
    );
  });
});
