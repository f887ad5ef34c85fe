/** Pictures that known-answer models can name: each of four colours is an option's. */
import { encodePng } from "../../src/formats/index.ts";

/** Red, green, blue, white: what the options a, b, c and d stand for. */
const colours = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
] as const;

/**
 * Parts of `width` × 12 pixels side by side, each of one colour. The first number of the first pixel is `shade`, so that
 * no two pictures need be equal.
 */
export function picture(shown: number | readonly number[], shade = 0, width = 12): Uint8Array {
  const parts = [shown].flat();
  const all = width * parts.length;
  const pixels = Uint8Array.from({ length: all * 12 * 3 }, (_, i) =>
    i === 0 ? shade : colours[parts[Math.floor((Math.floor(i / 3) % all) / width)]!]![i % 3]!,
  );
  return encodePng({ width: all, height: 12, pixels });
}
