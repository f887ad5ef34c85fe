import type { Picture } from "../formats/index.ts";

/** A rotation, counter-clockwise in degrees, after an optional reflection of left and right. */
export interface HelperTurn {
  degrees: number;
  mirrored: boolean;
}

const isRight = (degrees: number): boolean => degrees % 90 === 0;

/** The seven rotations by right angles and reflections that are not the identity. */
export const rightTurns: readonly HelperTurn[] = [false, true].flatMap((mirrored) =>
  [0, 90, 180, 270].flatMap((degrees) => (degrees || mirrored ? [{ degrees, mirrored }] : [])),
);

/** Degrees between the oblique rotations that are tried; each is refined afterwards. */
export const OBLIQUE_STEP = 15;

/** Rotations by other angles. */
export const obliqueTurns: readonly HelperTurn[] = Array.from({ length: 360 / OBLIQUE_STEP }, (_, i) => ({
  degrees: i * OBLIQUE_STEP,
  mirrored: false,
})).filter(({ degrees }) => !isRight(degrees));

function mirroredPicture({ width, height, pixels }: Picture): Picture {
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [to, from] = [3 * (y * width + x), 3 * (y * width + width - 1 - x)];
      for (let c = 0; c < 3; c++) out[to + c] = pixels[from + c]!;
    }
  }
  return { width, height, pixels: out };
}

function quarter({ width, height, pixels }: Picture): Picture {
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < height; x++) {
      const [to, from] = [3 * (y * height + x), 3 * (x * width + width - 1 - y)];
      for (let c = 0; c < 3; c++) out[to + c] = pixels[from + c]!;
    }
  }
  return { width: height, height: width, pixels: out };
}

/** Share of the shorter side: a rotated picture that was enlarged to hold its corners shows content in about that disc. */
const KEPT = 0.6;

/** The square in the middle of the rotated picture. */
function oblique(picture: Picture, degrees: number): Picture {
  const { width, height, pixels } = picture;
  const side = Math.max(2, Math.round(KEPT * Math.min(width, height)));
  const out = new Uint8Array(3 * side * side);
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [dx, dy] = [x - (side - 1) / 2, y - (side - 1) / 2];
      const sx = Math.max(0, Math.min(width - 1, (width - 1) / 2 + cos * dx - sin * dy));
      const sy = Math.max(0, Math.min(height - 1, (height - 1) / 2 + sin * dx + cos * dy));
      const [x0, y0] = [Math.min(Math.floor(sx), width - 2), Math.min(Math.floor(sy), height - 2)];
      const [fx, fy] = [sx - x0, sy - y0];
      for (let c = 0; c < 3; c++) {
        const at = 3 * (y0 * width + x0) + c;
        const top = pixels[at]! * (1 - fx) + pixels[at + 3]! * fx;
        const bottom = pixels[at + 3 * width]! * (1 - fx) + pixels[at + 3 * width + 3]! * fx;
        out[3 * (y * side + x) + c] = Math.round(top * (1 - fy) + bottom * fy);
      }
    }
  }
  return { width: side, height: side, pixels: out };
}

/**
 * A turned picture. Right angles keep every pixel; of other angles the square in the middle is kept, 0.6 of the
 * shorter side, of which only the inscribed disc is sure to show content.
 */
export function turned(picture: Picture, { degrees, mirrored }: HelperTurn): Picture {
  let out = mirrored ? mirroredPicture(picture) : picture;
  if (!isRight(degrees)) return oblique(out, degrees);
  for (let i = 0; i < (((degrees % 360) + 360) % 360) / 90; i++) out = quarter(out);
  return out;
}

/**
 * Whether a turn is by a right angle, and so keeps every pixel.
 *
 * @example
 * isRightTurn({ degrees: 45, mirrored: false }); // false
 */
export const isRightTurn = ({ degrees }: HelperTurn): boolean => isRight(degrees);
