import { decodePng, type Picture } from "../../../src/formats/index.ts";
import { bucket } from "../../../src/tasks/draw.ts";
import type { Example, ImageBytes } from "../../../src/tasks/types.ts";
import type { Choice, OptionFeatures } from "./choice.ts";

/** Hashed features are numbered below this. */
export const hashedWidth = 4096;

const numbered = (feature: string): number => bucket(feature, hashedWidth);

const wordsIn = (text: string): string[] => [
  ...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []),
];

/**
 * What a reader of the question alone is told of each option: where it stands, what it says, and both together with
 * every word of the question.
 *
 * @example
 * const [example] = tasks.crop.generate("eval", 1, 0);
 * questionReader(example).options.length; // 4
 */
export function questionReader({ question, options, answer }: Example): Choice {
  const asked = wordsIn(question.replaceAll("<image>", " "));
  return {
    answer,
    options: options.map((option, position): OptionFeatures => {
      const own = [`at ${position}`, ...wordsIn(option).map((word) => `says ${word}`)];
      const sparse = own.flatMap((each) => [
        numbered(each),
        ...asked.map((word) => numbered(`${each} | ${word}`)),
      ]);
      return { sparse };
    }),
  };
}

/** Rows and columns that pictures of options are shrunk to. */
const small = 8;

/** Means of red, green and blue in small × small fields, each 0 … 1. */
function shrunk({ width, height, pixels }: Picture): Float64Array {
  const sums = new Float64Array(small * small * 3);
  const counts = new Float64Array(small * small);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * small) / height) * small;
    for (let x = 0; x < width; x++) {
      const field = row + Math.floor((x * small) / width);
      counts[field]!++;
      const at = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) sums[field * 3 + c]! += pixels[at + c]! / 255;
    }
  }
  return sums.map((sum, i) => sum / Math.max(1, counts[Math.floor(i / 3)]!));
}

/** Measures of one picture among the others: what it is like, and how like them. */
function measured(pictures: readonly Float64Array[]): number[][] {
  const distance = (a: Float64Array, b: Float64Array): number =>
    Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
  return pictures.map((own, i) => {
    const others = pictures.filter((_, j) => j !== i).map((other) => distance(own, other));
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const spread = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
    const average = others.reduce((a, b) => a + b, 0) / Math.max(1, others.length);
    return [mean, spread, average, Math.min(...others), Math.max(...others)];
  });
}

/** Rank of each value among the others, 0 for the smallest; equal values have equal ranks. */
const ranks = (values: readonly number[]): number[] =>
  values.map((value) => values.filter((other) => other < value - 1e-9).length);

/**
 * Readers of the options alone: their places, their words, and, where they are pictures (the last images of an example
 * with more images than options), what these are like and how like one another. Pictures are shrunk once, however
 * often they come.
 *
 * @example
 * const read = optionsReader();
 * const [example] = tasks.tetris.generate("eval", 1, 0, { rendering: "pocket" });
 * read(example).options[0].dense.length; // 197
 */
export function optionsReader(): (example: Example) => Choice {
  const known = new Map<ImageBytes, Float64Array>();
  const seen = (bytes: ImageBytes, where: string): Float64Array => {
    let fields = known.get(bytes);
    if (!fields) {
      const picture = decodePng(bytes, where, "dataset");
      fields = picture ? shrunk(picture) : new Float64Array(small * small * 3);
      known.set(bytes, fields);
    }
    return fields;
  };
  return ({ id, images, options, answer }) => {
    const pictures =
      images.length > options.length
        ? images.slice(-options.length).map((bytes) => seen(bytes, `example ${id}`))
        : null;
    const measures = pictures ? measured(pictures) : [];
    const ranked = (measures[0] ?? []).map((_, m) => ranks(measures.map((each) => each[m]!)));
    return {
      answer,
      options: options.map((option, position): OptionFeatures => {
        const others = options.filter((_, j) => j !== position);
        const own = wordsIn(option);
        const sparse = [
          numbered(`at ${position}`),
          ...own.map((word) => numbered(`says ${word}`)),
          ...own.flatMap((word) => others.map((other) => numbered(`says ${word} beside ${other}`))),
          ...ranked.map((order, m) => numbered(`measure ${m} rank ${order[position]!}`)),
        ];
        if (!pictures) return { sparse };
        return { sparse, dense: [...pictures[position]!, ...measures[position]!] };
      }),
    };
  };
}
