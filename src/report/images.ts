/** Images of a dataset as data URIs, and the size at which they are shown. */
import { loadSharp } from "../formats/index.ts";

export interface InlineImage {
  uri: string;
  /** Pixels of the image. */
  width: number;
  height: number;
}

/** Largest PNG, in bytes and pixels per side, that is embedded unchanged. */
const HEAVIEST = 40_000;
const WIDEST = 2048;
/** Longer side of other images, which are scaled down, in pixels. */
const LONGEST = 320;

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Width and height from the header of a PNG; null for anything else. */
function pngSize(bytes: Uint8Array): { width: number; height: number } | null {
  if (bytes.length < 24 || !PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/**
 * An image for the page. A small PNG is embedded unchanged; others are decoded by sharp and scaled to fit 320 pixels.
 * Throws what sharp throws where the bytes are no image.
 *
 * @example
 * const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==", "base64");
 * (await inlineImage(png)).width; // 1
 */
export async function inlineImage(bytes: Uint8Array): Promise<InlineImage> {
  const size = pngSize(bytes);
  if (size && Math.max(size.width, size.height) <= WIDEST && bytes.length <= HEAVIEST) {
    return { uri: `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`, ...size };
  }
  const sharp = await loadSharp();
  const scaled = await sharp(bytes)
    .rotate()
    .resize({ width: LONGEST, height: LONGEST, fit: "inside", withoutEnlargement: true })
    .flatten({ background: "#ffffff" })
    .jpeg({ quality: 82 })
    .toBuffer({ resolveWithObject: true });
  return {
    uri: `data:image/jpeg;base64,${scaled.data.toString("base64")}`,
    width: scaled.info.width,
    height: scaled.info.height,
  };
}

/**
 * The size at which an image is shown: small ones enlarged by a whole factor (nearest neighbour) towards `target`
 * pixels of height, large ones reduced to it.
 *
 * @example
 * shownSize({ uri: "", width: 10, height: 10 }, 64); // { width: 60, height: 60, pixelated: true }
 */
export function shownSize(
  image: InlineImage,
  target: number,
): { width: number; height: number; pixelated: boolean } {
  const longest = Math.max(image.width, image.height, 1);
  // A slightly larger image keeps its size: scaling by a few percent would only blur it.
  const factor = longest <= 1.25 * target ? Math.max(1, Math.floor(target / longest)) : target / longest;
  return {
    width: Math.max(1, Math.round(image.width * factor)),
    height: Math.max(1, Math.round(image.height * factor)),
    pixelated: factor >= 1,
  };
}
