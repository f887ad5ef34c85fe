/** The first frame of a GIF as Pillow shows it: colors of the palette, those of transparent pixels as well. */
import type { Picture } from "./png.ts";

/** Pixels of one frame, and where it is in the picture. */
interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  interlaced: boolean;
  palette: Uint8Array;
  indices: Uint8Array;
}

/** The codes of a GIF's LZW stream, as palette indices. */
function unpacked(data: Uint8Array, minimum: number, count: number): Uint8Array {
  const clear = 1 << minimum;
  const prefixes = new Int16Array(4096);
  const suffixes = new Uint8Array(4096);
  for (let i = 0; i < clear; i++) suffixes[i] = i;
  const out = new Uint8Array(count);
  const stack = new Uint8Array(4097);
  let [at, bits, held, size, next, last, first, byte] = [0, 0, 0, minimum + 1, clear + 2, -1, 0, 0];
  while (at < count) {
    while (bits < size) {
      if (byte >= data.length) throw new Error("an end within a frame");
      held |= data[byte++]! << bits;
      bits += 8;
    }
    const code = held & ((1 << size) - 1);
    held >>>= size;
    bits -= size;
    if (code === clear) {
      [size, next, last] = [minimum + 1, clear + 2, -1];
      continue;
    }
    if (code === clear + 1) throw new Error("an end within a frame");
    if (code > next || (last < 0 && code >= clear)) throw new Error("a wrong code");
    let depth = 0;
    let from = code;
    if (code === next) {
      stack[depth++] = first;
      from = last;
    }
    for (; from >= clear; from = prefixes[from]!) stack[depth++] = suffixes[from]!;
    first = from;
    stack[depth++] = first;
    while (depth > 0 && at < count) out[at++] = stack[--depth]!;
    if (last >= 0 && next < 4096) {
      prefixes[next] = last;
      suffixes[next] = first;
      if (++next === 1 << size && size < 12) size++;
    }
    last = code;
  }
  return out;
}

function firstFrame(bytes: Uint8Array): {
  width: number;
  height: number;
  background: number;
  global: Uint8Array | null;
  frame: Frame;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const palette = (flags: number, at: number): Uint8Array =>
    bytes.subarray(at, at + 3 * 2 ** ((flags & 7) + 1));
  const [width, height, flags] = [view.getUint16(6, true), view.getUint16(8, true), bytes[10]!];
  let at = 13;
  const global = flags & 0x80 ? palette(flags, at) : null;
  at += global?.length ?? 0;
  const blocks = (): Uint8Array => {
    const parts: Uint8Array[] = [];
    while (at < bytes.length && bytes[at]! > 0) {
      parts.push(bytes.subarray(at + 1, at + 1 + bytes[at]!));
      at += 1 + bytes[at]!;
    }
    at++;
    return Buffer.concat(parts);
  };
  for (;;) {
    const kind = bytes[at];
    if (kind === 0x21) {
      at += 2;
      blocks();
      continue;
    }
    if (kind !== 0x2c) throw new Error("no frame");
    const [left, top, w, h] = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
      number,
    ];
    const own = bytes[at + 9]!;
    at += 10;
    const local = own & 0x80 ? palette(own, at) : null;
    at += local?.length ?? 0;
    const minimum = bytes[at++]!;
    if (minimum < 1 || minimum > 11) throw new Error(`codes of ${minimum} bits`);
    const indices = unpacked(blocks(), minimum, w * h);
    const colors = local ?? global;
    if (!colors) throw new Error("no palette");
    const frame = {
      left,
      top,
      width: w,
      height: h,
      interlaced: (own & 0x40) !== 0,
      palette: colors,
      indices,
    };
    return { width, height, background: bytes[11]!, global, frame };
  }
}

/** Rows of an interlaced frame in the order in which they are stored. */
const rowsOf = (height: number, interlaced: boolean): number[] => {
  const every = (first: number, step: number): number[] => {
    const rows: number[] = [];
    for (let y = first; y < height; y += step) rows.push(y);
    return rows;
  };
  return interlaced ? [...every(0, 8), ...every(4, 8), ...every(2, 4), ...every(1, 2)] : every(0, 1);
};

/**
 * The first frame of a GIF. Throws `Error` for a damaged one, and for a first frame that does not fill the picture,
 * where programs differ in what is around it.
 */
export function decodeGif(bytes: Uint8Array, maxPixels: number): Picture {
  const { width, height, frame } = firstFrame(bytes);
  if (width * height > maxPixels || width * height === 0) throw new Error(`${width} × ${height} pixels`);
  if (frame.left !== 0 || frame.top !== 0 || frame.width !== width || frame.height !== height)
    throw new Error(
      "a first frame that does not fill the picture, around which programs show different colours",
    );
  const pixels = new Uint8Array(width * height * 3);
  for (const [row, y] of rowsOf(height, frame.interlaced).entries()) {
    for (let x = 0; x < width; x++) {
      const color = frame.indices[row * width + x]! * 3;
      const to = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) pixels[to + c] = frame.palette[color + c] ?? 0;
    }
  }
  return { width, height, pixels };
}
