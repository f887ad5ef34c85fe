import { crc32, deflateSync, inflateSync } from "node:zlib";
import { type ErrorCode, ensure, LintelError } from "../../util/index.ts";

/** A decoded picture: 8-bit RGB, row-major, interleaved, `pixels.length === width * height * 3`. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** A picture as indices into a palette. */
interface IndexedPicture {
  width: number;
  height: number;
  /** One palette index per pixel, row-major. */
  indices: Uint8Array;
  /** Red, green, blue of up to 256 colors, one after another. */
  palette: Uint8Array;
}

/** No image of a dataset is larger; a header that claims more is refused before memory is taken for it. */
export const maxPixels = 1 << 27;
/** PNGs beyond are decoded by sharp, which takes a tenth of the time. */
export const largePng = 1 << 23;

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

function assemble(width: number, height: number, depth: number, color: number, rest: Buffer[]): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[9] = color;
  return Buffer.concat([signature, chunk("IHDR", header), ...rest, chunk("IEND", new Uint8Array(0))]);
}

function checkSize(width: number, height: number, got: number, wanted: number): void {
  ensure(
    Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 && got === wanted,
    "input",
    () => ({
      where: "picture",
      expected: `${wanted} values for ${width} × ${height} pixels`,
      got: `${got}`,
    }),
  );
}

/**
 * Compresses lines of pixels; small pictures with small tables, whose set-up would take longer than their use. Large
 * flat pictures at level 3: at the default level they become half as large and take three times as long (a sheet of
 * tetris, 872 × 794 pixels: 2.3 and 1.1 kB in 0.14 and 0.49 ms).
 */
function compress(raw: Buffer, flat: boolean): Buffer {
  if (raw.length <= 16_384) return deflateSync(raw, { windowBits: 12, memLevel: 5, chunkSize: 4096 });
  return flat ? deflateSync(raw, { level: 3 }) : deflateSync(raw);
}

/** Whether the `length` values from `from` equal the `length` values before them. */
function repeats(values: Uint8Array, from: number, length: number): boolean {
  if (length < 64) {
    for (let i = from; i < from + length; i++) if (values[i] !== values[i - length]) return false;
    return true;
  }
  const line = values.subarray(from, from + length);
  return Buffer.compare(line, values.subarray(from - length, from)) === 0;
}

/**
 * PNG of a picture given as palette indices, with 1, 2, 4 or 8 bits per pixel, whatever the palette needs.
 * Same picture, same pixels; the bytes may differ between versions of zlib. Throws `LintelError` "input" when
 * sizes or indices do not fit.
 */
export function encodeIndexedPng({ width, height, indices, palette }: IndexedPicture): Uint8Array {
  checkSize(width, height, indices.length, width * height);
  const colors = palette.length / 3;
  ensure(Number.isInteger(colors) && colors >= 1 && colors <= 256, "input", () => ({
    where: "palette",
    expected: "1 to 256 colours of three values",
    got: `${palette.length} values`,
  }));
  const depth = colors <= 2 ? 1 : colors <= 4 ? 2 : colors <= 16 ? 4 : 8;
  const stride = 1 + Math.ceil((width * depth) / 8);
  // Every byte is written below.
  const raw = Buffer.allocUnsafe(stride * height);
  const perByte = 8 / depth;
  let largest = 0;
  for (let y = 0; y < height; y++) {
    const from = y * width;
    const row = y * stride + 1;
    // Drawn pictures have many equal lines: those are copied packed, which is most of this function's speed.
    if (y > 0 && repeats(indices, from, width)) {
      raw.copyWithin(row - 1, row - 1 - stride, row - 1);
      continue;
    }
    raw[row - 1] = 0;
    for (let x = 0, at = row; x < width; x += perByte, at++) {
      let packed = 0;
      for (let i = 0; i < perByte; i++) {
        const index = x + i < width ? indices[from + x + i]! : 0;
        if (index > largest) largest = index;
        packed = (packed << depth) | index;
      }
      raw[at] = packed;
    }
  }
  ensure(largest < colors, "input", () => ({
    where: "palette",
    expected: `indices below ${colors}`,
    got: `${largest}`,
  }));
  return assemble(width, height, depth, 3, [chunk("PLTE", palette), chunk("IDAT", compress(raw, true))]);
}

/** Palette and indices of a picture with at most 256 colors (in order of appearance), else null. */
function index({ width, height, pixels }: Picture): IndexedPicture | null {
  const known = new Map<number, number>();
  const indices = new Uint8Array(width * height);
  let last = -1;
  let lastIndex = 0;
  for (let i = 0, p = 0; i < indices.length; i++, p += 3) {
    const color = (pixels[p]! << 16) | (pixels[p + 1]! << 8) | pixels[p + 2]!;
    if (color !== last) {
      let found = known.get(color);
      if (found === undefined) {
        if (known.size === 256) return null;
        found = known.size;
        known.set(color, found);
      }
      last = color;
      lastIndex = found;
    }
    indices[i] = lastIndex;
  }
  const palette = Uint8Array.from([...known.keys()].flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]));
  return { width, height, indices, palette };
}

/**
 * PNG of a picture: indexed with the fewest bits that hold its colors when there are at most 256, else RGB.
 * Nothing is lost. Throws `LintelError` "input" when the number of values does not fit the size.
 */
export function encodePng(picture: Picture): Uint8Array {
  const { width, height, pixels } = picture;
  checkSize(width, height, pixels.length, width * height * 3);
  const indexed = index(picture);
  if (indexed) return encodeIndexedPng(indexed);
  const line = width * 3;
  const raw = Buffer.alloc((1 + line) * height);
  for (let y = 0; y < height; y++) {
    // Filter 1 ("Sub"): differences to the pixel on the left, which photographs compress better with.
    const out = y * (1 + line);
    raw[out] = 1;
    for (let x = 0; x < line; x++) {
      const at = y * line + x;
      raw[out + 1 + x] = pixels[at]! - (x < 3 ? 0 : pixels[at - 3]!);
    }
  }
  return assemble(width, height, 8, 2, [chunk("IDAT", compress(raw, false))]);
}

const channels: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depths: Record<number, number[]> = { 0: [1, 2, 4, 8], 2: [8], 3: [1, 2, 4, 8], 4: [8], 6: [8] };

/** Where an image came from, for errors about it. */
interface Origin {
  where: string;
  code: ErrorCode;
}

function broken({ where, code }: Origin, got: string, cause?: unknown): LintelError {
  return new LintelError(code, { where, expected: "a whole PNG", got, cause });
}

/** Undoes the filters of PNG lines in place; each line is led by its filter's number. */
function unfilter(raw: Uint8Array, height: number, line: number, step: number, origin: Origin): void {
  for (let y = 0; y < height; y++) {
    const start = y * (line + 1) + 1;
    const filter = raw[start - 1]!;
    if (filter > 4) throw broken(origin, `filter ${filter} in line ${y}`);
    if (filter === 0) continue;
    const above = start - line - 1;
    for (let x = 0; x < line; x++) {
      const a = x < step ? 0 : raw[start + x - step]!;
      const b = y === 0 ? 0 : raw[above + x]!;
      let predicted: number;
      if (filter === 1) predicted = a;
      else if (filter === 2) predicted = b;
      else if (filter === 3) predicted = (a + b) >> 1;
      else {
        const c = x < step || y === 0 ? 0 : raw[above + x - step]!;
        const pa = Math.abs(b - c);
        const pb = Math.abs(a - c);
        const pc = Math.abs(a + b - 2 * c);
        predicted = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      }
      raw[start + x]! += predicted;
    }
  }
}

interface PngHeader {
  width: number;
  height: number;
  depth: number;
  color: number;
}

/** All grays of a bit depth as a palette. */
function grays(depth: number): Uint8Array {
  const last = 2 ** depth - 1;
  return Uint8Array.from({ length: (last + 1) * 3 }, (_, i) => (Math.floor(i / 3) * 255) / last);
}

/** Pixels of unfiltered lines that hold RGB or RGBA. */
function direct(raw: Uint8Array, { width, height }: PngHeader, samples: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, out = 0, at = 0; y < height; y++) {
    at++;
    for (let x = 0; x < width; x++, at += samples, out += 3) {
      pixels[out] = raw[at]!;
      pixels[out + 1] = raw[at + 1]!;
      pixels[out + 2] = raw[at + 2]!;
    }
  }
  return pixels;
}

/** Pixels of unfiltered lines that hold numbers of colors (with one sample of alpha behind, or none). */
function looked(
  raw: Uint8Array,
  header: PngHeader,
  samples: number,
  palette: Uint8Array,
  origin: Origin,
): Uint8Array {
  const { width, height, depth } = header;
  const stride = 1 + Math.ceil((width * samples * depth) / 8);
  const colors = Math.floor(palette.length / 3);
  const mask = 2 ** depth - 1;
  const shift = 8 - depth;
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, out = 0; y < height; y++) {
    const row = y * stride + 1;
    if (y > 0 && repeats(raw, row - 1, stride)) {
      pixels.copyWithin(out, out - width * 3, out);
      out += width * 3;
      continue;
    }
    for (let x = 0; x < width; x++, out += 3) {
      const bit = x * samples * depth;
      const at = (raw[row + (bit >> 3)]! >> (shift - (bit & 7))) & mask;
      if (at >= colors) throw broken(origin, `colour ${at} of a palette of ${colors}`);
      pixels[out] = palette[at * 3]!;
      pixels[out + 1] = palette[at * 3 + 1]!;
      pixels[out + 2] = palette[at * 3 + 2]!;
    }
  }
  return pixels;
}

/**
 * Whether `decodePng` decodes these bytes: a PNG of the common kinds, by its header.
 *
 * @example
 * isPng(new Uint8Array([0xff, 0xd8])); // false: that is a JPEG
 */
export function isPng(bytes: Uint8Array): boolean {
  if (bytes.length < 29 || !signature.every((byte, i) => bytes[i] === byte)) return false;
  // The header is the first chunk: width, height, depth, color, compression, filter, interlacing.
  return bytes[28] === 0 && depths[bytes[25]!]?.includes(bytes[24]!) === true;
}

/**
 * Decodes a PNG at once when it is of the common kinds (not interlaced, palette, gray or RGB, with or without
 * alpha, at most 8 bits); null for anything else: other formats, 16 bits, interlaced. Transparency is dropped
 * without blending, as Pillow's `convert("RGB")` does. Throws `LintelError` at `where` (code "input", or the one
 * given) for a damaged PNG and for one of more than `maxPixels` pixels.
 *
 * @example
 * decodePng(new Uint8Array([0xff, 0xd8])); // null: that is a JPEG
 */
export function decodePng(bytes: Uint8Array, where = "image", code: ErrorCode = "input"): Picture | null {
  const origin = { where, code };
  if (bytes.length < 8 || !signature.every((byte, i) => bytes[i] === byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: PngHeader | null = null;
  let palette: Uint8Array | null = null;
  const data: Uint8Array[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw broken(origin, "an end within a chunk");
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) throw broken(origin, "an end within a chunk");
    const type = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (view.getUint32(at + 8 + length) !== crc32(bytes.subarray(at + 4, at + 8 + length))) {
      throw broken(origin, `a wrong checksum in chunk ${JSON.stringify(type)}`);
    }
    if (type === "IHDR") {
      if (length !== 13) throw broken(origin, `a header of ${length} bytes`);
      header = {
        width: view.getUint32(at + 8),
        height: view.getUint32(at + 12),
        depth: body[8]!,
        color: body[9]!,
      };
      if (body[12] !== 0 || !depths[header.color]?.includes(header.depth)) return null;
    } else if (type === "PLTE") palette = body;
    else if (type === "IDAT") data.push(body);
    else if (type === "IEND") break;
    at += 12 + length;
  }
  if (!header || data.length === 0) throw broken(origin, "no header or no pixels");
  const { width, height, depth, color } = header;
  if (width * height > maxPixels || width === 0 || height === 0)
    throw broken(origin, `${width} × ${height} pixels`);
  const samples = channels[color]!;
  const line = Math.ceil((width * samples * depth) / 8);
  const size = (line + 1) * height;
  let raw: Uint8Array;
  try {
    raw = inflateSync(data.length === 1 ? data[0]! : Buffer.concat(data), { maxOutputLength: size });
  } catch (cause) {
    throw broken(origin, (cause as Error).message, cause);
  }
  if (raw.length !== size) throw broken(origin, `${raw.length} bytes of pixels instead of ${size}`);
  unfilter(raw, height, line, Math.max(1, (samples * depth) >> 3), origin);

  const palettes = color === 3 ? (palette ?? new Uint8Array(0)) : grays(depth);
  const pixels = samples >= 3 ? direct(raw, header, samples) : looked(raw, header, samples, palettes, origin);
  return { width, height, pixels };
}
