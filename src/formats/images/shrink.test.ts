/** Very large images: halved while they are decoded where that is enough, refused by their header beyond. */
import { describe, expect, it } from "vitest";
import { decodeImage } from "./decode.ts";
import { loadSharp } from "./load-sharp.ts";
import { encodePng } from "./png.ts";

describe("decodeImage of large images", () => {
  const halves = async (format: "jpeg" | "png" | "webp"): Promise<Uint8Array> => {
    const sharp = await loadSharp();
    const pixels = new Uint8Array(64 * 41 * 3);
    for (let i = 0; i < 64 * 41; i++) pixels.fill(i % 64 < 32 ? 200 : 40, 3 * i, 3 * i + 3);
    const image = sharp(pixels, { raw: { width: 64, height: 41, channels: 3 } });
    return new Uint8Array(await image.toFormat(format, { quality: 100 }).toBuffer());
  };

  it.each(["jpeg", "png", "webp"] as const)(
    "halves a %s as often as needed, and says its full size",
    async (format) => {
      const bytes = await halves(format);
      const exact = 700;
      const whole = await decodeImage(bytes, "image", "input", { exact });
      expect([whole.width, whole.height, whole.full]).toEqual([64, 41, undefined]);
      const picture = decodeImage(bytes, "image", "input", { mayShrink: true, exact });
      // A small PNG is decoded whole whatever is asked.
      const [width, height] = format === "png" ? [64, 41] : [32, 21];
      const found = await picture;
      expect([found.width, found.height]).toEqual([width, height]);
      expect(found.full).toEqual(format === "png" ? undefined : { width: 64, height: 41 });
      expect(Math.abs(found.pixels[0]! - 200)).toBeLessThan(4);
      expect(Math.abs(found.pixels.at(-1)! - 40)).toBeLessThan(4);
    },
  );

  it("refuses by its header what is beyond the limit of pixels", async () => {
    const bytes = Buffer.from(encodePng({ width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) }));
    bytes.writeUInt32BE(40_000, 16);
    bytes.writeUInt32BE(40_000, 20);
    await expect(decodeImage(bytes, "image", "input", { mayShrink: true })).rejects.toThrow(
      /of at most 268435456 pixels/,
    );
  });
});
