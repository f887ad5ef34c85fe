import type { Sharp } from "sharp";
import { type ErrorCode, LintelError } from "../../util/index.ts";
import { loadSharp } from "./load-sharp.ts";
import { decodeOther } from "./other-formats.ts";
import { asPillow } from "./pillow.ts";
import { decodePng, isPng, largePng, maxPixels, type Picture } from "./png.ts";
import { type ImageSize, imageSize } from "./size.ts";

/**
 * Makes sure, before any work, that these images do not lack their decoder: `sharp`, for all that are no plain PNGs.
 *
 * Errors: "installation" where it is needed and does not load.
 *
 * @example
 * await requireDecoder([]); // undefined: nothing to decode
 */
export async function requireDecoder(images: Iterable<Uint8Array>): Promise<void> {
  for (const bytes of images) {
    if (isPng(bytes)) continue;
    await loadSharp();
    return;
  }
}

/** Pixels up to which an image is decoded exactly, whoever asks: no model looks at half as many. */
const exactPixels = 1 << 25;
/** Pixels up to which images are decoded for those who need no more than that. */
const mostShrunk = 1 << 28;

interface DecodeOptions {
  /**
   * Images of more than 2²⁵ pixels are halved, as often as needed, while they are decoded: for what
   * is made smaller anyway. The picture then has its `full` size, which boxes refer to.
   */
  mayShrink?: boolean;
  /** Another limit for these. */
  exact?: number;
}

/**
 * Decodes the bytes of an image of any common format to 8-bit RGB. The PNGs that Lintel writes take a short
 * way of their own; JPEG, WebP, GIF, TIFF, AVIF and the rarer kinds of PNG go through `sharp`. As
 * `Image.open(…).convert("RGB")` of Pillow 13 does, transparency is dropped without blending (`onWhite` blends), and neither
 * color profiles nor the orientation in a photograph's metadata are applied (`upright` does; TIFF is turned, as in Pillow).
 * Equal to Pillow's pixels, 16-bit gray (cut at 255), CMYK and transparent GIF among them, but for AVIF (`isAvif`), whose
 * colors at half resolution libheif enlarges otherwise than libavif.
 * Throws `LintelError` at `where` (code "input", or the one given) for what cannot be decoded, "installation" where
 * `sharp` does not load.
 */
export async function decodeImage(
  bytes: Uint8Array,
  where = "image",
  code: ErrorCode = "input",
  { mayShrink = false, exact = exactPixels }: DecodeOptions = {},
): Promise<Picture & { full?: ImageSize }> {
  const size = isPng(bytes) ? imageSize(bytes) : null;
  const own = size && size.width * size.height > largePng ? null : decodePng(bytes, where, code);
  if (own) return own;
  const other = decodeOther(bytes, where, code);
  if (other) return other;
  const sharp = await loadSharp();
  const limitInputPixels = mayShrink ? mostShrunk : maxPixels;
  const open = () => sharp(bytes, { ignoreIcc: true, limitInputPixels, failOn: "error" });
  try {
    const special = await asPillow(open, bytes);
    if (special) return special;
    const smaller = mayShrink ? await shrunkSize(open, exact) : null;
    const image = smaller ? open().resize({ ...smaller.to, fit: "fill" }) : open();
    const { data, info } = await image
      .removeAlpha()
      .toColorspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels`);
    return {
      width: info.width,
      height: info.height,
      pixels: new Uint8Array(data.buffer, data.byteOffset, data.length),
      ...(smaller && { full: smaller.full }),
    };
  } catch (cause) {
    throw new LintelError(code, {
      where,
      expected: `a PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP or PPM image of at most ${limitInputPixels} pixels`,
      got: `${bytes.length} bytes that do not decode (${(cause as Error).message.split("\n")[0]})`,
      attempt: "opening the image with a viewer; it may be damaged or of another format",
      cause,
    });
  }
}

/** A size of at most `exact` pixels by halving; null where the image is within it. */
async function shrunkSize(
  open: () => Sharp,
  exact: number,
): Promise<{ to: ImageSize; full: ImageSize } | null> {
  const { width, height } = await open().metadata();
  const to = { width, height };
  for (let by = 2; to.width * to.height > exact; by *= 2)
    Object.assign(to, { width: Math.ceil(width / by), height: Math.ceil(height / by) });
  return to.width === width ? null : { to, full: { width, height } };
}

/**
 * The part of a picture between corners [left, top, right, bottom], in pixels within it.
 *
 * @example
 * cutOut({ width: 2, height: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) }, [1, 0, 2, 1]).pixels; // [4, 5, 6]
 */
export function cutOut(
  picture: Picture,
  [left, top, right, bottom]: readonly [number, number, number, number],
): Picture {
  const width = right - left;
  const pixels = new Uint8Array(width * (bottom - top) * 3);
  for (let y = top; y < bottom; y++) {
    const from = (y * picture.width + left) * 3;
    pixels.set(picture.pixels.subarray(from, from + width * 3), (y - top) * width * 3);
  }
  return { width, height: bottom - top, pixels };
}
