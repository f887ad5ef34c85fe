/** Datasets of which it is known what their helpers are worth. Pictures of 64 × 64 pixels, made of 4 × 4 blocks. */
import { decodePng, encodePng, type Picture } from "../formats/index.ts";
import type { Example } from "../tasks/index.ts";
import { type Random, random } from "../util/index.ts";

const side = 64;
type Color = readonly [number, number, number];
const inks: readonly Color[] = [
  [220, 40, 40],
  [40, 90, 230],
  [30, 160, 70],
  [240, 200, 30],
];
const names = ["red", "blue", "green", "yellow"];

/** Squares of colors on gray: `cells` across, null for none. */
function board(cells: number, colors: readonly (Color | null)[], size = side): Uint8Array {
  const pixels = new Uint8Array(size * size * 3).fill(200);
  const edge = size / cells;
  for (const [i, color] of colors.entries()) {
    if (!color) continue;
    for (let y = 0; y < edge; y++) {
      for (let x = 0; x < edge; x++) {
        const at = 3 * ((Math.floor(i / cells) * edge + y) * size + (i % cells) * edge + x);
        pixels.set(color, at);
      }
    }
  }
  return encodePng({ width: size, height: size, pixels });
}

const gray = (r: Random): Color => {
  const value = r.integer(256);
  return [value, value, value];
};

/** A board of 4 × 4 random squares, no two neighbors alike for sure, but no pattern repeated either. */
const noise = (r: Random, cells = 8): (Color | null)[] =>
  Array.from({ length: cells * cells }, () => gray(r));

function example(
  id: number,
  images: Uint8Array[],
  options: string[],
  answer: number,
  helper: Uint8Array,
  question = "<image> Which ?",
): Example {
  return {
    id: String(id).padStart(4, "0"),
    question,
    images,
    options,
    answer,
    helpers: [helper],
    counterfactuals: options.map(() => null),
    attributes: {},
  };
}

/** Letters as 3 × 5 dots. */
const glyphs = ["010101111101101", "110101110101110", "011100100100011", "110101101101110"];

/** The letter of the answer is written on a helper of noise. */
export function leaking(count: number): Example[] {
  const r = random(0, "leaking");
  return Array.from({ length: count }, (_, id) => {
    const answer = r.integer(4);
    const dots = noise(r, 16);
    for (const [i, dot] of [...glyphs[answer]!].entries()) {
      dots[(5 + Math.floor(i / 3)) * 16 + 6 + (i % 3)] = dot === "1" ? [255, 255, 255] : [0, 0, 0];
    }
    return example(id, [board(8, noise(r))], ["a", "b", "c", "d"], answer, board(16, dots));
  });
}

/** The helper is noise, and nothing else tells the answer either. */
export function insufficient(count: number): Example[] {
  const r = random(0, "insufficient");
  return Array.from({ length: count }, (_, id) =>
    example(id, [board(8, noise(r))], ["a", "b", "c", "d"], r.integer(4), board(8, noise(r))),
  );
}

/** The helper is the lower right quarter of the picture, whose first square has the color that is asked for. */
export function redundant(count: number): Example[] {
  const r = random(0, "redundant");
  return Array.from({ length: count }, (_, id) => {
    const colors = noise(r);
    const answer = r.integer(4);
    for (const i of [36, 37, 44, 45]) colors[i] = inks[answer]!;
    const quarter = Array.from({ length: 16 }, (_, i) => colors[(4 + Math.floor(i / 4)) * 8 + 4 + (i % 4)]!);
    return example(id, [board(8, colors)], names, answer, board(4, quarter, side / 2));
  });
}

/** The helper shows two things, of which the question asks for one; the picture shows neither. */
export function informative(count: number): Example[] {
  const r = random(0, "informative");
  return Array.from({ length: count }, (_, id) => {
    const [first, second] = [r.integer(4), r.integer(4)];
    const asked = r.integer(2);
    const options = asked ? names.map((name) => `${name} below`) : names.map((name) => `${name} above`);
    const colors = Array.from({ length: 4 }, (_, i) => inks[i < 2 ? first : second]!);
    const question = `<image> What colour is ${asked ? "below" : "above"} ?`;
    return example(id, [board(8, noise(r))], options, asked ? second : first, board(2, colors), question);
  });
}

/** Smooth noise, so that neighboring places look alike as in photographs. */
export function photograph(width: number, height: number, seed: number): Picture {
  const r = random(seed, "photograph");
  const waves = Array.from({ length: 24 }, () => [
    r.normal() / 9,
    r.normal() / 9,
    6 * r.uniform(),
    r.integer(3),
  ]);
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    let sum = 0;
    for (const [a, b, phase, c] of waves as [number, number, number, number][]) {
      if (c === i % 3) sum += Math.sin(a * x + b * y + phase);
    }
    pixels[i] = Math.max(0, Math.min(255, 128 + 24 * sum));
  }
  return { width, height, pixels };
}

export function cut({ width, pixels }: Picture, x: number, y: number, w: number, h: number): Picture {
  const out = new Uint8Array(w * h * 3);
  for (let j = 0; j < h; j++)
    out.set(pixels.subarray(3 * ((y + j) * width + x), 3 * ((y + j) * width + x + w)), 3 * j * w);
  return { width: w, height: h, pixels: out };
}

/** The redundant dataset with helpers that are inverted, and turned by a right angle. */
export function redundantInverted(count: number): Example[] {
  return redundant(count).map((each) => {
    const { width, height, pixels } = decodePng(each.helpers[0]!)!;
    const out = new Uint8Array(pixels.length);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++)
          out[3 * (x * height + height - 1 - y) + c] = 255 - pixels[3 * (y * width + x) + c]!;
    return { ...each, helpers: [encodePng({ width: height, height: width, pixels: out })] };
  });
}

/** The redundant dataset with a second helper that shows another quarter, which tells nothing. */
export function redundantFirst(count: number): Example[] {
  return redundant(count).map((each) => {
    const upper = cut(decodePng(each.images[0]!)!, 0, 0, side / 2, side / 2);
    return { ...each, helpers: [...each.helpers, encodePng(upper)] };
  });
}
