/** What an encoded image is, from its first bytes. */

const ascii = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

interface PngFacts {
  depth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGBA. */
  color: number;
  /** There is EXIF metadata. */
  exif: boolean;
}

/**
 * The header of a PNG; null for other formats, and for one that ends within it.
 *
 * @example
 * pngFacts(encodePng({ width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) })).exif; // false
 */
export function pngFacts(bytes: Uint8Array): PngFacts | null {
  if (bytes.length < 33 || ascii(bytes, 1, 3) !== "PNG" || ascii(bytes, 12, 4) !== "IHDR") return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let exif = false;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (ascii(bytes, at + 4, 4) === "eXIf") exif = true;
  }
  return { depth: bytes[24]!, color: bytes[25]!, exif };
}

/**
 * Whether bytes are an AVIF or HEIF image.
 *
 * @example
 * isAvif(new Uint8Array(12)); // false
 */
export const isAvif = (bytes: Uint8Array): boolean =>
  bytes.length >= 12 &&
  ascii(bytes, 4, 4) === "ftyp" &&
  /^(?:avi[fs]|mif1|msf1|hei[cx])$/.test(ascii(bytes, 8, 4));

/**
 * Whether bytes are a GIF.
 *
 * @example
 * isGif(new Uint8Array(12)); // false
 */
export const isGif = (bytes: Uint8Array): boolean => ascii(bytes, 0, 4) === "GIF8";
