import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readSafetensors } from "../../formats/index.ts";
import type { Picture } from "../../tasks/index.ts";
import { LintelError } from "../../util/index.ts";
import { imageProcessor, processImage, smartResize } from "./image-processor.ts";
import { pillowResizer } from "./pillow-resize.ts";
import { parseProcessorConfig, processorJson } from "./processor-config.ts";

type Kind = "noise" | "ramp" | "tiles";
interface Source {
  kind: Kind;
  width: number;
  height: number;
  seed: number;
  sha256: string;
}
interface Golden {
  resize: (Source & { toWidth: number; toHeight: number; sha256_pillow12: string })[];
  patches: (Source & { config: Record<string, unknown>; grid: number[]; shape: number[] })[];
  smartResize: {
    height: number;
    width: number;
    factor: number;
    min: number;
    max: number;
    result: number[];
  }[];
}
const folder = new URL("../../../test/goldens/qwen/", import.meta.url).pathname;
const golden = JSON.parse(readFileSync(`${folder}pixels.json`, "utf8")) as Golden;
const hash = (data: Uint8Array | Float32Array): string =>
  createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");

/** The formulas of `picture` in python/lintel_reference/goldens/qwen.py. */
function picture({ kind, width, height, seed }: Source): Picture {
  const pixels = new Uint8Array(width * height * 3);
  const div = (a: number, b: number): number => Math.floor(a / b);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        if (kind === "noise") {
          const v = x * x * 3 + y * y * 5 + x * y * 7 + x * 31 + y * 17 + c * 67 + seed * 13;
          pixels[at++] = div((v * 2654435761) % 4294967296, 65536) % 256;
        } else if (kind === "ramp") {
          const along =
            div(x * 255, Math.max(1, width - 1)) * (c + 1) + div(y * 255, Math.max(1, height - 1)) * (3 - c);
          pixels[at++] = div(along + seed, 4) % 256;
        } else if ((div(x, 8) + div(y, 8) * 2 + seed) % 3 === 0) pixels[at++] = 255 - c * 60;
        else pixels[at++] = div(div(x, 8) * y, 8) % 2 === 0 ? 20 + c * 90 : 250;
      }
    }
  }
  return { width, height, pixels };
}

describe("pillowResizer", () => {
  it.each(golden.resize)(
    "gives Pillow's bytes: $kind $width×$height → $toWidth×$toHeight",
    async (source) => {
      const found = pillowResizer()(picture(source), source.toWidth, source.toHeight);
      const index = golden.resize.indexOf(source);
      const want = (await readSafetensors(`${folder}pixels.safetensors`)).get(`resize.${index}`)!
        .data as Uint8Array;
      expect(found.pixels.length).toBe(want.length);
      let worst = 0;
      want.forEach((byte, i) => {
        worst = Math.max(worst, Math.abs(byte - found.pixels[i]!));
      });
      expect(worst).toBe(0);
      expect(hash(found.pixels)).toBe(source.sha256);
    },
  );

  it("gives the bytes of Pillow 12 on request, which differ where an axis is reduced and the other is not", () => {
    for (const source of golden.resize) {
      const found = pillowResizer("bicubic", "pillow-12")(picture(source), source.toWidth, source.toHeight);
      expect(hash(found.pixels), `${source.width}×${source.height}`).toBe(source.sha256_pillow12);
    }
    expect(golden.resize.filter((source) => source.sha256 !== source.sha256_pillow12).length).toBeGreaterThan(
      2,
    );
  });

  it("gives the same bytes when it remembers the weights", () => {
    const resize = pillowResizer();
    const [first, second] = golden.resize.filter(({ width, toWidth }) => width === 96 && toWidth === 12);
    expect(hash(resize(picture(first!), 12, 12).pixels)).toBe(first!.sha256);
    expect(hash(resize(picture(second!), 12, 12).pixels)).toBe(second!.sha256);
  });
});

describe("imageProcessor", () => {
  it.each(golden.patches)("gives transformers' patches bit for bit: $kind $width×$height", (source) => {
    const config = parseProcessorConfig(source.config, "golden");
    const { patches, grid } = processImage(picture(source), config);
    expect(grid).toEqual(source.grid);
    expect(patches.length).toBe(source.shape[0]! * source.shape[1]!);
    expect(hash(patches)).toBe(source.sha256);
  });

  it("covers pictures with and without resizing", () => {
    const resized = golden.patches.filter(({ width, height, grid, config }) => {
      const p = config.patch_size as number;
      return grid[1]! * p !== height || grid[2]! * p !== width;
    });
    expect(resized.length).toBeGreaterThanOrEqual(6);
    expect(golden.patches.length - resized.length).toBeGreaterThanOrEqual(6);
  });

  it("equals the stored values, should a hash ever differ", async () => {
    const tensors = await readSafetensors(`${folder}pixels.safetensors`);
    let compared = 0;
    for (const [i, source] of golden.patches.entries()) {
      const want = tensors.get(`patches.${i}`);
      if (!want) continue;
      expect(processImage(picture(source), parseProcessorConfig(source.config, "golden")).patches).toEqual(
        want.data,
      );
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(3);
  });

  it("refuses pictures that are none, and sizes that need a resize where it is off", () => {
    const config = parseProcessorConfig({ do_resize: false, patch_size: 2 }, "c");
    const process = imageProcessor(config);
    expect(process({ width: 4, height: 8, pixels: new Uint8Array(96) }).grid).toEqual([1, 4, 2]);
    expect(() => process({ width: 4, height: 6, pixels: new Uint8Array(72) })).toThrow(
      /multiples of 4 pixels.*4×6/,
    );
    expect(() => process({ width: 4, height: 4, pixels: new Uint8Array(47) })).toThrow(LintelError);
    expect(() => process({ width: 0, height: 0, pixels: new Uint8Array(0) })).toThrow(LintelError);
  });
});

describe("smartResize", () => {
  it.each(golden.smartResize)("$height×$width by $factor", ({ height, width, factor, min, max, result }) => {
    expect(smartResize(height, width, { factor, minPixels: min, maxPixels: max })).toEqual(result);
  });

  it("refuses ribbons and vanishing sides", () => {
    expect(() => smartResize(1, 201, { factor: 28, minPixels: 1, maxPixels: 1e6 })).toThrow(/at most 200/);
    expect(() => smartResize(5, 500, { factor: 28, minPixels: 0, maxPixels: 1e6 })).toThrow(
      /at least 14 pixels/,
    );
  });
});

describe("parseProcessorConfig", () => {
  it("prefers min_pixels to size, and knows the defaults of the class", () => {
    const size = { shortest_edge: 100, longest_edge: 200 };
    expect(parseProcessorConfig({ size }, "c")).toMatchObject({
      minPixels: 100,
      maxPixels: 200,
      patchSize: 14,
    });
    expect(parseProcessorConfig({ size, max_pixels: 300 }, "c")).toMatchObject({
      minPixels: 100,
      maxPixels: 300,
    });
    expect(parseProcessorConfig({}, "c")).toMatchObject({
      minPixels: 3136,
      maxPixels: 1003520,
      rescaleFactor: 1 / 255,
    });
    expect(parseProcessorConfig({ do_normalize: false, do_rescale: false }, "c")).toMatchObject({
      rescaleFactor: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    });
  });

  it("survives being written", () => {
    const config = parseProcessorConfig(golden.patches[4]!.config, "c");
    expect(parseProcessorConfig(processorJson(config), "again")).toEqual(config);
  });

  it("names a wrong field", () => {
    expect(() => parseProcessorConfig({ resample: 2 }, "p.json")).toThrow(/p.json.*resample: only bicubic/);
    expect(() => parseProcessorConfig({ patch_size: 0 }, "p.json")).toThrow(/patch_size/);
    expect(() => parseProcessorConfig(null, "p.json")).toThrow(LintelError);
  });
});
