/** Augmentations of the prompt's images by dose: the block is the model's own, made of the changed images. */
import { encodePng } from "../../formats/index.ts";
import type { Picture } from "../../tasks/index.ts";
import type { Random } from "../../util/index.ts";
import { blurred } from "./blur.ts";
import { mapImages } from "./input.ts";
import { type Intervention, keepOwn, type Parameter, type Values } from "./types.ts";

const SOURCE = "docs/published-families.md §19.3 (10), augmentation sweep; RCS of ReaLVR, arXiv 2609.34563";
/** Value of pixels that a rotation brings in from outside. */
const GRAY = 128;

/** A picture of the same size whose pixel (x, y) is the bilinear value at `from(x, y)`; gray outside, or the nearest edge. */
function resampled(
  { width, height, pixels }: Picture,
  from: (x: number, y: number) => readonly [number, number],
  outside: "gray" | "edge",
): Uint8Array {
  const out = new Uint8Array(width * height * 3);
  const at = (x: number, y: number, c: number): number => {
    if (outside === "gray" && (x < 0 || y < 0 || x >= width || y >= height)) return GRAY;
    const [i, j] = [Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y))];
    return pixels[(j * width + i) * 3 + c]!;
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = from(x, y);
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [p, q] = [u - left, v - top];
      for (let c = 0; c < 3; c++) {
        const upper = (1 - p) * at(left, top, c) + p * at(left + 1, top, c);
        const lower = (1 - p) * at(left, top + 1, c) + p * at(left + 1, top + 1, c);
        out[(y * width + x) * 3 + c] = Math.round((1 - q) * upper + q * lower);
      }
    }
  return out;
}

/** An augmentation with one dose, 0 of which leaves every pixel as it is. */
const augmentation = (
  description: string,
  [key, parameter]: readonly [string, Parameter],
  what: string,
  change: (picture: Picture, dose: number, random: Random) => Uint8Array,
): Intervention => ({
  description,
  role: "input",
  source: SOURCE,
  parameters: { [key]: parameter },
  lacking: "no image",
  changesForm: true,
  input: async ({ example, random }, values: Values) => {
    const dose = values[key] as number;
    const images = await mapImages(example, (picture) =>
      encodePng({ ...picture, pixels: dose === 0 ? picture.pixels : change(picture, dose, random) }),
    );
    return images && { example: { ...example, images }, from: `its images, ${what} by ${dose}` };
  },
  plan: () => keepOwn,
});

export const croppedImage = augmentation(
  "Cuts a random part of every side of the prompt's images away and enlarges the rest to the old size.",
  ["s", { description: "share of each side that is cut away", example: 0.1, min: 0, max: 0.9 }],
  "cropped",
  (picture, s, random) => {
    const { width, height } = picture;
    const [left, top] = [random.uniform() * s * width, random.uniform() * s * height];
    const from = (x: number, start: number): number => (x + 0.5) * (1 - s) + start - 0.5;
    return resampled(picture, (x, y) => [from(x, left), from(y, top)], "edge");
  },
);

export const blurredImage = augmentation(
  "Blurs the prompt's images with a Gaussian.",
  [
    "s",
    {
      description: "standard deviation of the Gaussian, as a share of the shorter side",
      example: 0.02,
      min: 0,
      max: 0.5,
    },
  ],
  "blurred",
  (picture, s) => blurred(picture, s * Math.min(picture.width, picture.height)),
);

export const rotatedImage = augmentation(
  "Turns the prompt's images about their center; what comes in from outside is gray.",
  ["d", { description: "degrees, clockwise", example: 10, min: -180, max: 180 }],
  "turned",
  (picture, d) => {
    const [cos, sin] = [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)];
    const [cx, cy] = [(picture.width - 1) / 2, (picture.height - 1) / 2];
    return resampled(
      picture,
      (x, y) => [cx + cos * (x - cx) + sin * (y - cy), cy - sin * (x - cx) + cos * (y - cy)],
      "gray",
    );
  },
);

export const brightenedImage = augmentation(
  "Makes the prompt's images brighter, or with a negative value darker, by as much at every pixel.",
  ["b", { description: "share of a pixel's range that is added", example: 0.2, min: -1, max: 1 }],
  "brightened",
  ({ pixels }, b) => Uint8Array.from(pixels, (x) => Math.max(0, Math.min(255, Math.round(x + 255 * b)))),
);
