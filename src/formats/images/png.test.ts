import { crc32 } from "node:zlib";
import fc from "fast-check";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import golden from "../../../test/goldens/images/images.json" with { type: "json" };
import { random } from "../../util/index.ts";
import { decodeImage } from "./decode.ts";
import { decodePng, encodeIndexedPng, encodePng, type Picture } from "./png.ts";

/** A picture with exactly `colors` colors (if it has as many pixels), in random order. */
function picture(width: number, height: number, colors: number, seed = 0): Picture {
  const r = random(seed, "picture", width, height, colors);
  const palette = Array.from({ length: colors }, (_, i) => [
    r.integer(256),
    i & 255,
    (i >> 8) * 16 + r.integer(16),
  ]);
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(palette[i < colors ? i : r.integer(colors)]!, i * 3);
  return { width, height, pixels };
}

async function bySharp(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await sharp(bytes).removeAlpha().toColorspace("srgb").raw().toBuffer());
}

describe("encodePng and decodePng", () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 4],
    [16, 4],
    [17, 8],
    [256, 8],
  ])("writes %i colours as a palette of %i bits that sharp reads alike", async (colors, depth) => {
    const original = picture(23, 17, colors);
    const png = encodePng(original);
    expect([png[24], png[25]]).toEqual([depth, 3]);
    expect(decodePng(png)).toEqual(original);
    expect(await bySharp(png)).toEqual(original.pixels);
  });

  it("writes more than 256 colours as RGB", async () => {
    const original = picture(40, 30, 257);
    const png = encodePng(original);
    expect([png[24], png[25]]).toEqual([8, 2]);
    expect(decodePng(png)).toEqual(original);
    expect(await bySharp(png)).toEqual(original.pixels);
  });

  it("returns any picture unchanged", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer(),
        (w, h, colors, seed) => {
          const original = picture(w, h, Math.min(colors, w * h), seed);
          expect(decodePng(encodePng(original))).toEqual(original);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("names sizes, palettes and indices that do not fit", () => {
    expect(() => encodePng({ width: 2, height: 2, pixels: new Uint8Array(11) })).toThrow(
      "picture: expected 12 values for 2 × 2 pixels, got 11",
    );
    const palette = new Uint8Array(9);
    expect(() => encodeIndexedPng({ width: 1, height: 1, indices: Uint8Array.of(3), palette })).toThrow(
      "below 3",
    );
    expect(() =>
      encodeIndexedPng({ width: 1, height: 1, indices: Uint8Array.of(0), palette: new Uint8Array(4) }),
    ).toThrow("1 to 256");
  });
});

describe("decodeImage", () => {
  it.each([
    ["RGB with every filter", (s: Sharp) => s.png({ adaptiveFiltering: true, palette: false })],
    ["interlaced", (s: Sharp) => s.png({ progressive: true })],
    ["16 bits", (s: Sharp) => s.toColorspace("rgb16").png()],
    ["WebP", (s: Sharp) => s.webp({ lossless: true })],
    ["TIFF", (s: Sharp) => s.tiff({ compression: "none" })],
  ])("reads an image written by sharp: %s", async (_, write) => {
    const original = picture(31, 22, 500);
    const raw = { width: 31, height: 22, channels: 3 as const };
    const bytes = await write(sharp(original.pixels, { raw })).toBuffer();
    const decoded = await decodeImage(bytes);
    expect(decoded).toEqual(original);
  });

  it.each(Object.entries(golden.images))("decodes as Pillow does: %s", async (_, { bytes, pixels }) => {
    const picture = await decodeImage(Buffer.from(bytes, "base64"));
    expect([picture.width, picture.height]).toEqual([golden.width, golden.height]);
    expect(Buffer.from(picture.pixels).equals(Buffer.from(pixels, "base64"))).toBe(true);
  });

  it("drops transparency without blending, in its own way and in sharp's", async () => {
    const rgba = Uint8Array.from([200, 10, 20, 0, 1, 2, 3, 128]);
    const image = sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } });
    for (const bytes of [await image.png().toBuffer(), await image.png({ progressive: true }).toBuffer()]) {
      expect([...(await decodeImage(bytes)).pixels]).toEqual([200, 10, 20, 1, 2, 3]);
    }
  });

  it("reads greys, with and without alpha", async () => {
    const gray = sharp(Uint8Array.of(0, 77, 255), { raw: { width: 3, height: 1, channels: 1 } });
    const bytes = await gray.toColorspace("b-w").png().toBuffer();
    expect(bytes[25]).toBe(0);
    expect([...(await decodeImage(bytes)).pixels]).toEqual([0, 0, 0, 77, 77, 77, 255, 255, 255]);
    const both = sharp(Uint8Array.of(9, 0, 77, 128), { raw: { width: 2, height: 1, channels: 2 } });
    const alpha = await both.toColorspace("b-w").png().toBuffer();
    expect(alpha[25]).toBe(4);
    expect([...(await decodeImage(alpha)).pixels]).toEqual([9, 9, 9, 77, 77, 77]);
  });

  it("stays close to the picture through JPEG", async () => {
    const pixels = new Uint8Array(64 * 64 * 3).map((_, i) => ((i / 3) % 64) * 3 + 20);
    const jpeg = await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg({ quality: 95 })
      .toBuffer();
    const decoded = await decodeImage(jpeg);
    expect(Math.max(...decoded.pixels.map((value, i) => Math.abs(value - pixels[i]!)))).toBeLessThan(8);
  });

  it("refuses damage at every byte, and never crashes otherwise", async () => {
    const png = encodePng(picture(9, 9, 5));
    for (let i = 8; i < png.length; i++) {
      const damaged = png.slice();
      damaged[i]! ^= 0xff;
      expect(() => decodePng(damaged, "example 7")).toThrow(/example 7: expected a whole PNG/);
    }
    for (let length = 8; length < png.length; length++) {
      expect(() => decodePng(png.subarray(0, length))).toThrow(/expected a whole PNG/);
    }
    await expect(decodeImage(png.subarray(0, 7), "x")).rejects.toThrow("x: expected a PNG, JPEG");
    await expect(decodeImage(new Uint8Array(0))).rejects.toThrow("0 bytes that do not decode");
  });

  it("refuses a header that claims more pixels than there is memory for", () => {
    const png = Buffer.from(encodePng(picture(9, 9, 5)));
    png.writeUInt32BE(1 << 20, 16);
    png.writeUInt32BE(1 << 20, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    expect(() => decodePng(png)).toThrow("1048576 × 1048576 pixels");
  });
});
