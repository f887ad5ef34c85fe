/** Windows bitmaps, which sharp does not read. */
import { maxPixels, type Picture } from "./png.ts";

const BI_RGB = 0;
const BI_BITFIELDS = 3;
const BI_ALPHABITFIELDS = 6;

interface BmpHeader {
  width: number;
  height: number;
  /** Rows are stored from top to bottom. */
  down: boolean;
  bits: number;
  /** Masks of red, green and blue for 16 and 32 bits. */
  masks: readonly number[];
  palette: { at: number; colors: number; size: number };
  pixels: number;
}

function headerOf(view: DataView): BmpHeader {
  const size = view.getUint32(14, true);
  const old = size === 12;
  if (!old && size < 40) throw new Error(`a BMP header of ${size} bytes`);
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signed = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? BI_RGB : view.getUint32(30, true);
  if (![BI_RGB, BI_BITFIELDS, BI_ALPHABITFIELDS].includes(compression))
    throw new Error(`BMP compression ${compression} (run lengths or another format inside)`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new Error(`a BMP of ${bits} bits per pixel`);
  const fields = compression !== BI_RGB;
  if (fields && bits !== 16 && bits !== 32) throw new Error(`bit fields in a BMP of ${bits} bits per pixel`);
  const masks = fields
    ? [54, 58, 62].map((at) => view.getUint32(at, true))
    : bits === 16
      ? [0x7c00, 0x03e0, 0x001f]
      : [0xff0000, 0xff00, 0xff];
  const colors = bits > 8 ? 0 : old ? 2 ** bits : view.getUint32(46, true) || 2 ** bits;
  const behind = fields && size === 40 ? 12 : 0;
  return {
    width,
    height: Math.abs(signed),
    down: signed < 0,
    bits,
    masks,
    palette: { at: 14 + size + behind, colors, size: old ? 3 : 4 },
    pixels: view.getUint32(10, true),
  };
}

/** A channel of a pixel by its mask, spread to 0 … 255. */
function channel(mask: number): (pixel: number) => number {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (pixel) => (most === 0 ? 0 : Math.floor((((pixel & mask) >>> shift) * 255) / most));
}

/**
 * Decodes an uncompressed BMP of 1 to 32 bits per pixel as Pillow's `convert("RGB")` does; alpha is dropped. null for bytes
 * that do not begin as a BMP. Throws `Error` for a damaged one, for run-length compression, and beyond `maxPixels`.
 *
 * @example
 * decodeBmp(new Uint8Array([0x89, 0x50])); // null: that is a PNG
 */
export function decodeBmp(bytes: Uint8Array): Picture | null {
  if (bytes[0] !== 0x42 || bytes[1] !== 0x4d || bytes.length < 26) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { width, height, down, bits, masks, palette, pixels: from } = headerOf(view);
  if (!(width > 0 && height > 0 && width * height <= maxPixels))
    throw new Error(`a BMP of ${width} × ${height} pixels`);
  const line = Math.ceil((width * bits) / 32) * 4;
  if (from + line * height > bytes.length)
    throw new Error(`${bytes.length} bytes of ${from + line * height}`);
  const pixels = new Uint8Array(width * height * 3);
  const channels = masks.map(channel);
  for (let y = 0, out = 0; y < height; y++) {
    const row = from + line * (down ? y : height - 1 - y);
    for (let x = 0; x < width; x++, out += 3) {
      if (bits <= 8) {
        const at = row + ((x * bits) >> 3);
        const index = (bytes[at]! >> (8 - bits - ((x * bits) & 7))) & (2 ** bits - 1);
        const color = palette.at + index * palette.size;
        if (index >= palette.colors || color + 3 > from)
          throw new Error(`color ${index} of ${palette.colors}`);
        for (let c = 0; c < 3; c++) pixels[out + c] = bytes[color + 2 - c]!;
      } else if (bits === 24) {
        for (let c = 0; c < 3; c++) pixels[out + c] = bytes[row + x * 3 + 2 - c]!;
      } else {
        const pixel = bits === 16 ? view.getUint16(row + x * 2, true) : view.getUint32(row + x * 4, true);
        for (let c = 0; c < 3; c++) pixels[out + c] = channels[c]!(pixel);
      }
    }
  }
  return { width, height, pixels };
}
