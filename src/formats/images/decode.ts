import { type ErrorCode, LintelError } from "../../util/index.ts";
import { loadSharp } from "./load-sharp.ts";
import { decodeOther } from "./other-formats.ts";
import { asPillow } from "./pillow.ts";
import { decodePng, isPng, maxPixels, type Picture } from "./png.ts";

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
): Promise<Picture> {
  const own = decodePng(bytes, where, code);
  if (own) return own;
  const other = decodeOther(bytes, where, code);
  if (other) return other;
  const sharp = await loadSharp();
  const open = () => sharp(bytes, { ignoreIcc: true, limitInputPixels: maxPixels, failOn: "error" });
  try {
    const special = await asPillow(open, bytes);
    if (special) return special;
    const { data, info } = await open()
      .removeAlpha()
      .toColorspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels`);
    return {
      width: info.width,
      height: info.height,
      pixels: new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
  } catch (cause) {
    throw new LintelError(code, {
      where,
      expected: "a PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP or PPM image",
      got: `${bytes.length} bytes that do not decode (${(cause as Error).message.split("\n")[0]})`,
      attempt: "opening the image with a viewer; it may be damaged or of another format",
      cause,
    });
  }
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
