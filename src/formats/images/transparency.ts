/** Transparency: dropped, or laid on white, before a picture is read. */
import { type ErrorCode, LintelError } from "../../util/index.ts";
import { loadSharp } from "./load-sharp.ts";
import { encodePng, maxPixels } from "./png.ts";
import { isAvif, isGif, pngFacts } from "./signatures.ts";

async function opened(bytes: Uint8Array) {
  const sharp = await loadSharp();
  return sharp(bytes, { ignoreIcc: true, limitInputPixels: maxPixels, failOn: "error" });
}

/** Formats that hold an alpha channel, by their first bytes: others need not be looked at. */
function mayHaveAlpha(bytes: Uint8Array): boolean {
  const png = pngFacts(bytes);
  // Of 16 bits Pillow reads gray with alpha as RGBA, too.
  if (png) return png.color === 6 || (png.color === 4 && png.depth === 16);
  const start = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  if (/^RIFF....WEBP/s.test(start)) return true;
  return isAvif(bytes) || /^(?:II\*\0|MM\0\*)/.test(start) || start.includes("jP  ");
}

/**
 * Whether an image is seen through somewhere and Pillow opens it in mode "RGBA": the only one that `qwen_vl_utils` lays on
 * white. Palettes with a transparent color and 8-bit gray with alpha are converted plainly there.
 *
 * @example
 * await isTransparent(encodePng({ width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) })); // false
 */
export async function isTransparent(bytes: Uint8Array): Promise<boolean> {
  if (!mayHaveAlpha(bytes) || isGif(bytes)) return false;
  try {
    const { hasAlpha, channels, format } = await (await opened(bytes)).metadata();
    if (!hasAlpha || (channels !== 4 && format !== "png")) return false;
    const { data } = await decoded(bytes);
    for (let i = 3; i < data.length; i += 4) if (data[i]! < 255) return true;
    return false;
  } catch {
    // Not an image: reported by whoever decodes it, with its place.
    return false;
  }
}

async function decoded(bytes: Uint8Array) {
  const image = (await opened(bytes)).toColorspace("srgb").ensureAlpha();
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 4) throw new Error(`${info.channels} channels`);
  return { data, width: info.width, height: info.height };
}

async function rgba(bytes: Uint8Array, where: string, code: ErrorCode) {
  try {
    return await decoded(bytes);
  } catch (cause) {
    throw new LintelError(code, {
      where,
      expected: "an image with transparency",
      got: `${bytes.length} bytes that do not decode (${(cause as Error).message.split("\n")[0]})`,
      attempt: "opening the image with a viewer; it may be damaged",
      cause,
    });
  }
}

/** An image without its alpha channel, as a PNG; other images as they are. `of`: a color of one pixel. */
async function flattened(
  bytes: Uint8Array,
  where: string,
  code: ErrorCode,
  of: (value: number, alpha: number) => number,
): Promise<Uint8Array> {
  if (!(await isTransparent(bytes))) return bytes;
  const { data, width, height } = await rgba(bytes, where, code);
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = of(data[4 * i + c]!, data[4 * i + 3]!);
  return encodePng({ width, height, pixels });
}

/** An image without its alpha channel, colors as they are stored (`convert("RGB")`). */
export const dropTransparency = (
  bytes: Uint8Array,
  where = "image",
  code: ErrorCode = "dataset",
): Promise<Uint8Array> => flattened(bytes, where, code, (value) => value);

/**
 * An image laid on white, as `to_rgb` of qwen_vl_utils 0.0.14 does (`paste` with the alpha channel as mask; Pillow's Paste.c).
 */
export const onWhite = (
  bytes: Uint8Array,
  where = "image",
  code: ErrorCode = "dataset",
): Promise<Uint8Array> =>
  flattened(bytes, where, code, (value, alpha) => {
    const t = value * alpha + 255 * (255 - alpha) + 128;
    return ((t >> 8) + t) >> 8;
  });

/** The part of an image between corners [left, top, right, bottom], as a PNG with its alpha channel. */
export async function cutTransparent(
  bytes: Uint8Array,
  [left, top, right, bottom]: readonly [number, number, number, number],
): Promise<Uint8Array> {
  const image = (await opened(bytes)).toColorspace("srgb").ensureAlpha();
  const part = image.extract({ left, top, width: right - left, height: bottom - top });
  return new Uint8Array(await part.png().toBuffer());
}
