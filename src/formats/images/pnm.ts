/** Portable bitmaps, graymaps and pixmaps (PBM, PGM, PPM), which sharp's builds do not read. */
import { maxPixels, type Picture } from "./png.ts";

/** The numbers of a header, comments left out, and where the raster begins. */
function headerOf(bytes: Uint8Array, count: number): { numbers: number[]; at: number } {
  const numbers: number[] = [];
  let at = 2;
  while (numbers.length < count) {
    while (at < bytes.length && bytes[at]! <= 0x20) at++;
    if (bytes[at] === 0x23) {
      while (at < bytes.length && bytes[at] !== 0x0a) at++;
      continue;
    }
    let digits = "";
    while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39 && digits.length < 10)
      digits += String.fromCharCode(bytes[at++]!);
    if (digits === "") throw new Error("a header without its numbers");
    numbers.push(Number(digits));
  }
  return { numbers, at: at + 1 };
}

/** The values of a raster of text, or of bits or bytes; of bits 1 is black. */
function valuesOf(
  bytes: Uint8Array,
  at: number,
  { kind, line, height }: { kind: number; line: number; height: number },
): Uint8Array {
  const count = line * height;
  if (kind >= 5) {
    if (bytes.length - at < count) throw new Error(`${bytes.length - at} of ${count} bytes of pixels`);
    return bytes.subarray(at, at + count);
  }
  const values = new Uint8Array(count);
  if (kind === 4) {
    const packed = Math.ceil(line / 8);
    if (bytes.length - at < packed * height)
      throw new Error(`${bytes.length - at} of ${packed * height} bytes of pixels`);
    for (let i = 0; i < count; i++) {
      const x = i % line;
      values[i] = 1 - ((bytes[at + Math.floor(i / line) * packed + (x >> 3)]! >> (7 - (x & 7))) & 1);
    }
    return values;
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at - 1, bytes.length - at + 1).toString("latin1");
  const found = text.replace(/#.*/g, "").match(kind === 1 ? /[01]/g : /\d+/g) ?? [];
  if (found.length < count) throw new Error(`${found.length} of ${count} values of pixels`);
  for (let i = 0; i < count; i++)
    values[i] = kind === 1 ? 1 - Number(found[i]) : Math.min(255, Number(found[i]));
  return values;
}

/**
 * Decodes PBM, PGM and PPM (P1 to P6, up to 8 bits per value) as Pillow's `convert("RGB")` does. null for bytes that begin
 * otherwise. Throws `Error` for a damaged file, for more than 8 bits per value, and beyond `maxPixels`.
 *
 * @example
 * decodePnm(Buffer.from("P6 1 1 255\n\x01\x02\x03", "latin1")); // { width: 1, height: 1, pixels: [1, 2, 3] }
 */
export function decodePnm(bytes: Uint8Array): Picture | null {
  const kind = bytes[1]! - 0x30;
  if (bytes[0] !== 0x50 || !(kind >= 1 && kind <= 6) || !(bytes[2]! <= 0x20 || bytes[2] === 0x23))
    return null;
  const bitmap = kind === 1 || kind === 4;
  const { numbers, at } = headerOf(bytes, bitmap ? 2 : 3);
  const [width, height, most = 1] = numbers as [number, number, number?];
  if (!(width > 0 && height > 0 && width * height <= maxPixels))
    throw new Error(`${width} × ${height} pixels`);
  if (!(most > 0 && most <= 255)) throw new Error(`values up to ${most}; 255 is the most that is read`);
  const samples = kind === 3 || kind === 6 ? 3 : 1;
  const values = valuesOf(bytes, at, { kind, line: width * samples, height });
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const value = values[samples === 3 ? i : Math.floor(i / 3)]!;
    pixels[i] = most === 255 ? value : Math.min(255, Math.round((value / most) * 255));
  }
  return { width, height, pixels };
}
