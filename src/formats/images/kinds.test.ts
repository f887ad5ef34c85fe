/** The rarer kinds of images against Pillow 13, qwen_vl_utils and datasets (python/lintel_reference/goldens/image_kinds.py). */
import { describe, expect, it } from "vitest";
import golden from "../../../test/goldens/images/kinds.json" with { type: "json" };
import { decodeImage } from "./decode.ts";
import { upright } from "./orientation.ts";
import { encodePng } from "./png.ts";
import { isAvif } from "./signatures.ts";
import { cutTransparent, dropTransparency, isTransparent, onWhite } from "./transparency.ts";

interface Kind {
  bytes: string;
  mode: string;
  size: number[];
  pixels: string;
  white?: string;
  upright?: { size: number[]; pixels: string; white: string };
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
const kinds = Object.entries(golden.images as Record<string, Kind>);
const shown = async (bytes: Uint8Array) => {
  const { width, height, pixels } = await decodeImage(bytes);
  return { size: [width, height], pixels: Buffer.from(pixels).toString("base64") };
};
const farthest = (a: string, b: string): number => {
  const [x, y] = [bytesOf(a), bytesOf(b)];
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);
};

describe.each(kinds.filter(([kind]) => !kind.startsWith("avif")))(
  "%s",
  (_, { bytes, mode, size, pixels, ...kind }) => {
    const image = bytesOf(bytes);
    it("has Pillow's pixels", async () => {
      expect(await shown(image)).toEqual({ size, pixels });
      expect(isAvif(image)).toBe(false);
    });

    it("is laid on white where qwen_vl_utils does it, and only there", async () => {
      expect(await isTransparent(image)).toBe(mode === "RGBA");
      expect((await shown(await onWhite(image))).pixels).toBe(kind.white ?? pixels);
      expect((await shown(await dropTransparency(image))).pixels).toBe(pixels);
      if (mode !== "RGBA") expect(await onWhite(image)).toBe(image);
    });

    it("is turned as datasets turns it", async () => {
      const straight = await upright(image);
      expect(await shown(straight)).toEqual({
        size: kind.upright?.size ?? size,
        pixels: kind.upright?.pixels ?? pixels,
      });
      if (!kind.upright) expect(straight).toBe(image);
      else expect((await shown(await onWhite(straight))).pixels).toBe(kind.upright.white);
      // Once only.
      expect(await upright(straight)).toBe(straight);
    });
  },
);

describe("AVIF", () => {
  const of = (kind: string) => (golden.images as Record<string, Kind>)[kind]!;
  it("is known, and near Pillow at full resolution of colours", async () => {
    const { bytes, pixels, size } = of("avif at full resolution");
    const found = await shown(bytesOf(bytes));
    expect(isAvif(bytesOf(bytes))).toBe(true);
    expect(found.size).toEqual(size);
    expect(farthest(found.pixels, pixels)).toBeLessThanOrEqual(1);
    expect(await isTransparent(bytesOf(of("avif rgba").bytes))).toBe(true);
    expect(await isTransparent(bytesOf(bytes))).toBe(false);
  });

  it("with a rotation in its header is refused: Pillow leaves it unapplied", async () => {
    await expect(decodeImage(bytesOf(of("avif, turned").bytes))).rejects.toThrow(/AVIF with a rotation/);
  });
});

it("a part of a transparent image keeps its alpha", async () => {
  const image = bytesOf((golden.images as Record<string, Kind>)["png rgba"]!.bytes);
  const part = await cutTransparent(image, [2, 1, 9, 5]);
  expect((await shown(part)).size).toEqual([7, 4]);
  expect(await isTransparent(part)).toBe(true);
});

it("what is no image is left to whoever decodes it", async () => {
  const nothing = Uint8Array.of(0xff, 0xd8, 1, 2, 3);
  expect(await upright(nothing)).toBe(nothing);
  expect(await isTransparent(nothing)).toBe(false);
  const webp = Buffer.concat([Buffer.from("RIFF0000WEBP"), Buffer.alloc(20)]);
  expect(await isTransparent(webp)).toBe(false);
  const plain = encodePng({ width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) });
  expect(await upright(plain)).toBe(plain);
});
