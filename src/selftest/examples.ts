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
