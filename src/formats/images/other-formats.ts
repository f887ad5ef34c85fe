/** Image formats that sharp does not read: those decoded here, and those that are refused by name. */
import { type ErrorCode, LintelError } from "../../util/index.ts";
import { decodeBmp } from "./bmp.ts";
import type { Picture } from "./png.ts";
import { decodePnm } from "./pnm.ts";

const svg = /^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i;
const heic = ["heic", "heix", "hevc", "mif1", "msf1"];

/** First bytes of formats that are not read, as Latin-1. */
const starts: readonly (readonly [string, string])[] = [
  ["\0\0\0\x0cjP  \r\n", "JPEG 2000"],
  ["\xffO\xffQ", "JPEG 2000"],
  ["\0\0\0\x0cJXL ", "JPEG XL"],
  ["\xff\x0a", "JPEG XL"],
  ["\0\0\x01\0", "an icon (ICO)"],
  ["8BPS", "Photoshop (PSD)"],
  ["%PDF-", "PDF"],
  ["DDS ", "DirectDraw (DDS)"],
  ["v/1\x01", "OpenEXR"],
  ["SIMPLE  =", "FITS"],
  ["\x93NUMPY", "a NumPy array"],
];

/** The name of a format that is not read; undefined for others. */
function refusedName(head: string): string | undefined {
  if (svg.test(head)) return "SVG";
  if (head.slice(4, 8) === "ftyp" && heic.includes(head.slice(8, 12))) return "HEIC";
  return starts.find(([start]) => head.startsWith(start))?.[1];
}

/**
 * Decodes a picture in a format that sharp does not read (BMP, PBM, PGM, PPM); null for all others. Throws `LintelError` at
 * `where` for a damaged one, and for formats that are not read, which it names: JPEG 2000, SVG, HEIC, JPEG XL and others.
 *
 * @example
 * decodeOther(new Uint8Array([0xff, 0xd8]), "image", "input"); // null: sharp reads JPEG
 */
export function decodeOther(bytes: Uint8Array, where: string, code: ErrorCode): Picture | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString("latin1");
  const name = refusedName(head);
  if (name !== undefined) {
    throw new LintelError(code, {
      where,
      expected: "a PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP or PPM image",
      got: `${name}, which is not read`,
      attempt: "converting the image to PNG",
    });
  }
  try {
    return decodeBmp(bytes) ?? decodePnm(bytes);
  } catch (cause) {
    throw new LintelError(code, {
      where,
      expected: "a whole BMP, PBM, PGM or PPM image",
      got: (cause as Error).message,
      attempt: "converting the image to PNG, or writing it again",
      cause,
    });
  }
}
