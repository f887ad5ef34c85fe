/** Photographs that are stored lying: turned upright by their EXIF orientation. */
import { type ErrorCode, LintelError } from "../../util/index.ts";
import { decodeImage } from "./decode.ts";
import { loadSharp } from "./load-sharp.ts";
import { encodePng, maxPixels, type Picture } from "./png.ts";
import { isGif, pngFacts } from "./signatures.ts";
import { isTransparent } from "./transparency.ts";

/**
 * Whether an image's metadata may say an orientation: of most images of datasets their first bytes tell that none does.
 *
 * @example
 * mayBeTurned(encodePng({ width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) })); // false
 */
export function mayBeTurned(bytes: Uint8Array): boolean {
  const png = pngFacts(bytes);
  if (png) return png.exif;
  if (isGif(bytes)) return false;
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return true;
  // A JPEG's metadata precedes its pixels.
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1 << 18)).includes("Exif");
}

/** For each orientation where a pixel of the upright picture comes from, in a lying one of `w` by `h` pixels. */
const sources: Record<number, (x: number, y: number, w: number, h: number) => [number, number]> = {
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x],
};

function turned({ width: w, height: h, pixels }: Picture, orientation: number): Picture {
  const source = sources[orientation]!;
  const [width, height] = orientation >= 5 ? [h, w] : [w, h];
  const out = new Uint8Array(pixels.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [fromX, fromY] = source(x, y, w, h);
      const from = (fromY * w + fromX) * 3;
      out[to] = pixels[from]!;
      out[to + 1] = pixels[from + 1]!;
      out[to + 2] = pixels[from + 2]!;
    }
  }
  return { width, height, pixels: out };
}

/**
 * An image turned as its EXIF orientation says, as a PNG; others as they are. `datasets` shows images so since its pull request
 * 6739 (`ImageOps.exif_transpose`); `Image.open` alone does not. TIFF is left alone: Pillow turns it whenever it loads one,
 * and so does `decodeImage`.
 */
export async function upright(
  bytes: Uint8Array,
  where = "image",
  code: ErrorCode = "dataset",
): Promise<Uint8Array> {
  if (!mayBeTurned(bytes)) return bytes;
  const sharp = await loadSharp();
  const options = { ignoreIcc: true, limitInputPixels: maxPixels, failOn: "error" } as const;
  let orientation: number | undefined;
  let format: string | undefined;
  try {
    ({ orientation, format } = await sharp(bytes, options).metadata());
  } catch {
    // Not an image: reported by whoever decodes it, with its place.
    return bytes;
  }
  if (orientation === undefined || !sources[orientation] || format === "tiff") return bytes;
  if (!(await isTransparent(bytes)))
    return encodePng(turned(await decodeImage(bytes, where, code), orientation));
  try {
    // The alpha channel is kept for families that lay it on white.
    return new Uint8Array(await sharp(bytes, options).autoOrient().png().toBuffer());
  } catch (cause) {
    throw new LintelError(code, {
      where,
      expected: "an image that can be turned upright",
      got: `${bytes.length} bytes that do not decode (${(cause as Error).message.split("\n")[0]})`,
      attempt: "opening the image with a viewer; it may be damaged",
      cause,
    });
  }
}
