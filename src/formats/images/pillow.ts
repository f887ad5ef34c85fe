/** Kinds of images that `sharp` decodes otherwise than Pillow: they are brought to Pillow's pixels. */
import type { Sharp } from "sharp";
import { decodeGif } from "./gif.ts";
import { maxPixels, type Picture } from "./png.ts";
import { isAvif, isGif } from "./signatures.ts";

/** Pillow's product of bytes (`MULDIV255`). */
const product = (a: number, b: number): number => {
  const t = a * b + 128;
  return ((t >> 8) + t) >> 8;
};

type Raw = { data: Buffer; info: { width: number; height: number; channels: number } };

/** 16-bit gray: Pillow cuts values at 255 where it makes RGB of them (mode "I;16"); it does not scale them. */
function clipped({ data, info: { width, height } }: Raw): Picture {
  const values = new Uint16Array(data.buffer, data.byteOffset, width * height);
  const pixels = new Uint8Array(width * height * 3);
  for (const [i, value] of values.entries()) pixels.fill(Math.min(255, value), 3 * i, 3 * i + 3);
  return { width, height, pixels };
}

/** CMYK without a color profile, as `cmyk2rgb` of Pillow's Convert.c. */
function fromCmyk({ data, info: { width, height } }: Raw): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const white = 255 - data[4 * i + 3]!;
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = Math.max(0, white - product(data[4 * i + c]!, white));
  }
  return { width, height, pixels };
}

/**
 * The picture of an image of these kinds: 16-bit gray, CMYK, GIF with transparency, TIFF that is turned; null for others.
 * Throws `Error` for what cannot be shown as Pillow does.
 */
export async function asPillow(open: () => Sharp, bytes: Uint8Array): Promise<Picture | null> {
  if (isAvif(bytes)) {
    const head = Buffer.from(bytes.subarray(0, 4096)).toString("latin1");
    if (/irot|imir/.test(head))
      throw new Error("an AVIF with a rotation in its header, which Pillow leaves unapplied");
    return null;
  }
  const { channels, depth, space, format, hasAlpha, orientation = 1 } = await open().metadata();
  if (isGif(bytes)) return hasAlpha ? decodeGif(bytes, maxPixels) : null;
  const raw = (image: Sharp, kind: "uchar" | "ushort"): Promise<Raw> =>
    image.raw({ depth: kind }).toBuffer({ resolveWithObject: true });
  // Pillow turns TIFF images upright when it loads them, and no others.
  const turned = format === "tiff" && orientation > 1;
  const image = turned ? open().autoOrient() : open();
  if (space === "cmyk" && channels === 4)
    return fromCmyk(await raw(image.pipelineColorspace("cmyk").toColorspace("cmyk"), "uchar"));
  if (depth === "ushort" && channels === 1) return clipped(await raw(image.toColorspace("grey16"), "ushort"));
  if (!turned) return null;
  const { data, info } = await raw(image.removeAlpha().toColorspace("srgb"), "uchar");
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}
