/** Questions about the color of a picture, for known-answer models. */
import { encodePng } from "../formats/index.ts";
import { balancedPositions, type Example } from "../tasks/index.ts";
import { random } from "../util/index.ts";
import { askings, colors, options } from "./layout.ts";

/** A picture of one color; its first pixels differ slightly from number to number, so that no two are equal. */
function picture(color: number, number: number, width: number): Uint8Array {
  const height = 12;
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const digit = i < 15 && i % 3 === 0 ? Math.floor(number / 8 ** (i / 3)) % 8 : 0;
    return colors[color]![i % 3]! > 0 ? 255 - digit : digit;
  });
  return encodePng({ width, height, pixels });
}

/**
 * Examples for a known-answer model: four options, one for each color, answers balanced. The helper shows the right
 * color always (with `helper`: any), the picture in a share of `clear` examples, elsewhere any; the two kinds of
 * question alternate.
 *
 * @example
 * knownExamples(4, 1, 0).map(({ options, answer }) => options[answer]).sort(); // ["a", "b", "c", "d"]
 */
export function knownExamples(n: number, clear: number, seed: number, helper?: "any"): Example[] {
  const r = random(seed, "selftest", String(clear));
  const position = balancedPositions(random(seed, "selftest", "positions"), options.length);
  return Array.from({ length: n }, (_, i): Example => {
    const answer = position();
    const shown = r.uniform() < clear ? answer : r.integer(options.length);
    const paint = (color: number) => [picture(color, i, 24)];
    const told = helper === "any" ? r.integer(options.length) : answer;
    return {
      id: `known-${String(i).padStart(6, "0")}`,
      question: `<image> ${askings[i % askings.length]} colour is this`,
      images: [picture(shown, i, 12)],
      options: [...options],
      answer,
      helpers: paint(told),
      counterfactuals: options.map((_, o) => (o === answer ? null : paint(o))),
      attributes: { shown: options[shown]!, asking: askings[i % askings.length]! },
    };
  });
}

/** Side of a region in pixels, regions along a side of a picture, and the marked one. */
const SIDE = 12;
const REGIONS = 3;
const MARKED = { row: 1, column: 2 } as const;

/**
 * Questions about the color of the marked region of a picture of 3 × 3 regions, which all have colors: the patches of the
 * marked one (in row 1, column 2) have a white first pixel, those of others a black one.
 *
 * @example
 * regionExamples(4, 0)[0].regions; // [{ image: 0, box: [24, 12, 36, 24] }]
 */
export function regionExamples(n: number, seed: number): Example[] {
  const r = random(seed, "selftest", "regions");
  const width = SIDE * REGIONS;
  const marked = MARKED.row * REGIONS + MARKED.column;
  const [left, top] = [MARKED.column * SIDE, MARKED.row * SIDE];
  return knownExamples(n, 1, seed).map((example): Example => {
    const shown = Array.from({ length: REGIONS ** 2 }, (_, region) =>
      region === marked ? example.answer : r.integer(options.length),
    );
    const pixels = Uint8Array.from({ length: width * width * 3 }, (_, i) => {
      const [y, x] = [Math.floor(i / 3 / width), Math.floor(i / 3) % width];
      const region = Math.floor(y / SIDE) * REGIONS + Math.floor(x / SIDE);
      if (y % 6 === 0 && x % 6 === 0) return region === marked ? 255 : 0;
      return colors[shown[region]!]![i % 3]! > 0 ? 255 : 0;
    });
    return {
      ...example,
      images: [encodePng({ width, height: width, pixels })],
      regions: [{ image: 0, box: [left, top, left + SIDE, top + SIDE] }],
    };
  });
}

/**
 * Questions as of `knownExamples`, with what those have not: a helper that is one picture for each color, two edits of the
 * picture (another color, which neither it nor the helper has; other pixels of the same color), a caption, and the helper in words.
 *
 * @example
 * editedExamples(4, 0.7, 0)[0].edits.map(({ kind }) => kind); // ["color", "pixels"]
 */
export function editedExamples(n: number, clear: number, seed: number): Example[] {
  return knownExamples(n, clear, seed).map((example, i): Example => {
    const { answer, attributes } = example;
    const shown = (options as readonly unknown[]).indexOf(attributes.shown);
    const other = options.findIndex((_, o) => o !== shown && o !== answer);
    const helper = (color: number) => [picture(color, 0, 24)];
    return {
      ...example,
      helpers: helper(answer),
      counterfactuals: options.map((_, o) => (o === answer ? null : helper(o))),
      edits: [
        { kind: "color", images: [picture(other, i, 12)], answer: other },
        { kind: "pixels", images: [picture(shown, i + n, 12)], answer },
      ],
      caption: options[shown]!,
      helperText: options[answer]!,
    };
  });
}

/**
 * Questions about the marked region, followed by an image for each option, none of which is marked.
 *
 * @example
 * optionExamples(4, 0)[0].images.length; // 5
 */
export const optionExamples = (n: number, seed: number): Example[] =>
  regionExamples(n, seed).map(({ regions: _, ...example }) => ({
    ...example,
    question: `${example.question} ${options.map((option) => `<image> ${option}`).join(" ")}`,
    images: [...example.images, ...options.map((__, o) => unmarked(o))],
  }));

/** A picture of one color whose patches are not marked. */
function unmarked(color: number): Uint8Array {
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [y, x] = [Math.floor(i / 3 / SIDE), Math.floor(i / 3) % SIDE];
    return y % 6 === 0 && x % 6 === 0 ? 0 : colors[color]![i % 3]! > 0 ? 255 : 0;
  });
  return encodePng({ width: SIDE, height: SIDE, pixels });
}
