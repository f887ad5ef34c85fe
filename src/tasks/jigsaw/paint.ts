import { type Canvas, canvas, compose } from "../canvas/index.ts";
import { letters } from "../draw.ts";
import type { ImageBytes } from "../types.ts";
import { extent, type Gap, hues, type JigsawScene, pathOf } from "./world.ts";

/** Colors by number; the gap is slate, which is near CLIP's mean, so that a model sees nothing there. */
const [paper, ink, slate, ground] = [0, 1, 2, 3];
const firstHue = 6;
const inks: Record<(typeof hues)[number], readonly [number, number, number]> = {
  red: [206, 52, 46],
  orange: [240, 140, 40],
  yellow: [246, 214, 60],
  green: [58, 150, 70],
  teal: [40, 176, 178],
  blue: [48, 88, 200],
  purple: [126, 62, 164],
  pink: [240, 150, 190],
};
const paletteOf = (grounds: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    [[252, 252, 249], [40, 42, 48], [118, 113, 102], ...grounds, ...hues.map((hue) => inks[hue])].flat(),
  );
const palettes = {
  full: paletteOf([
    [226, 232, 240],
    [240, 230, 210],
    [222, 238, 220],
  ]),
  // Nearly slate: light grounds would be most of what a model sees, and drown the bands.
  pocket: paletteOf([
    [124, 118, 106],
    [113, 108, 98],
    [117, 118, 105],
  ]),
};

/** Pixels of a unit in a sheet and its helpers. */
const zoom = 3;

function paintScene({ ground: number, gap, discs, bands }: JigsawScene, scale: number): Canvas {
  const picture = canvas(extent * scale, extent * scale, scale === 1 ? palettes.pocket : palettes.full);
  picture.fill(ground + number);
  for (const { x, y, radius, hue } of discs)
    picture.disc(x * scale, y * scale, radius * scale, firstHue + hue);
  for (const band of bands) {
    const path = pathOf(gap, band);
    for (const [i, [x, y]] of path.slice(1).entries()) {
      const [beforeX, beforeY] = path[i]!;
      picture.line(
        beforeX * scale,
        beforeY * scale,
        x * scale,
        y * scale,
        band.width * scale,
        firstHue + band.hue,
      );
    }
  }
  return picture;
}

/** A copy of a part of a picture. */
function part(picture: Canvas, left: number, top: number, size: number): Canvas {
  const result = canvas(size, size, picture.palette);
  for (let y = 0; y < size; y++) {
    const from = (top + y) * picture.width + left;
    result.indices.set(picture.indices.subarray(from, from + size), y * size);
  }
  return result;
}

function copy(picture: Canvas): Canvas {
  const result = canvas(picture.width, picture.height, picture.palette);
  result.indices.set(picture.indices);
  return result;
}

interface PaintedJigsaw {
  question: string;
  images: ImageBytes[];
  /** For each option, the picture completed by its piece. */
  completed: ImageBytes[];
}

/**
 * Paints an example: the picture without its gap, and from each of `scenes` the piece that fills it. As one sheet
 * ("full": 656 pixels wide, completed pictures of 288 × 288) or as an image for the picture and each option ("pocket":
 * 96 × 96 pixels, with pieces in their places on slate).
 */
export function paint(rendering: string, scenes: readonly JigsawScene[], answer: number): PaintedJigsaw {
  const pocket = rendering === "pocket";
  const scale = pocket ? 1 : zoom;
  const { x, y, size }: Gap = scenes[answer]!.gap;
  const [left, top, edge] = [x * scale, y * scale, size * scale];
  const whole = scenes.map((scene) => paintScene(scene, scale));
  const pieces = whole.map((picture) => part(picture, left, top, edge));
  const completed = pieces.map((piece) => {
    const picture = copy(whole[answer]!);
    picture.blit(piece, left, top);
    return picture.png();
  });
  const holed = copy(whole[answer]!);
  holed.rect(left, top, edge, edge, slate);
  if (pocket) {
    const options = pieces.map((piece) => {
      const picture = canvas(extent, extent, palettes.pocket);
      picture.fill(slate);
      picture.blit(piece, left, top);
      return picture;
    });
    return {
      question: `<image> is completed by which ? ${letters.map((letter) => `<image> ${letter}`).join(" ")}`,
      images: [holed, ...options].map((picture) => picture.png()),
      completed,
    };
  }
  const { sheet } = compose(
    [[{ picture: holed }], pieces.map((picture, i) => ({ picture, label: `(${letters[i]})` }))],
    { ground: paper, ink, width: 656 },
  );
  return {
    question: "<image> A square is missing from the picture. Which piece completes it: (a), (b), (c) or (d)?",
    images: [sheet.png()],
    completed,
  };
}
