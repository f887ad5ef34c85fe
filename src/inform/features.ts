import { integralImage, largest, thumbnail } from "../numeric/index.ts";
import { random } from "../util/index.ts";

import { type CandidatePlace, newPlaceOf, placeOf, soft } from "./candidate-windows.ts";
import { DESCRIPTION, describe, frame, LOOK, type PreparedExample, READ } from "./prepared-example.ts";
import { type Words, wordsOf } from "./question-words.ts";
import type { Features } from "./softmax-choice.ts";
import { TRANSFORM } from "./transforms.ts";

/** What a reader is shown of an example in the place of its helpers. */
export interface Shown {
  /** Description of the last helper, or of what is guessed in its stead. */
  last: Float32Array;
  /** Where that is in the input; null where nowhere. */
  place: CandidatePlace | null;
  /** Where what is new in it is, the rest of it being as in the input; null where nothing is. */
  novel: CandidatePlace | null;
  /** Descriptions of the helpers before, latest first. */
  before: readonly Float32Array[];
  /** What the last helper underwent (see `findTransforms`); null where nothing, or where it is guessed. */
  transform: Float32Array | null;
}

/** The blocks of features that a reader may see. */
type Block = "images" | "words" | "helper" | "place" | "novel" | "transform";

const PROJECTED = 96;
const HIDDEN = 128;
const WORDS = 48;
const IMAGES = 12;
const CELLS = 6;
const PLACE = IMAGES + CELLS * CELLS;

/** Mean and spread of each column of some rows. */
interface Scale {
  mean: Float32Array;
  /** 0 for a column that does not vary. */
  inverse: Float32Array;
}

function scaleOf(rows: readonly Float32Array[], width: number): Scale {
  const mean = new Float32Array(width);
  const inverse = new Float32Array(width);
  for (let i = 0; i < width; i++) {
    let [sum, squares] = [0, 0];
    for (const row of rows) {
      sum += row[i]!;
      squares += row[i]! * row[i]!;
    }
    mean[i] = sum / rows.length;
    const deviation = Math.sqrt(Math.max(0, squares / rows.length - mean[i]! ** 2));
    inverse[i] = deviation > 1e-3 ? 1 / deviation : 0;
  }
  return { mean, inverse };
}

/** Standardised, and cut off where a column is far outside of what it usually is. */
const standard = (row: Float32Array, { mean, inverse }: Scale, from = 0): Float32Array =>
  row.map((value, i) => Math.max(-5, Math.min(5, (value - mean[from + i]!) * inverse[from + i]!)));

/** Random rectified features (Rahimi & Recht 2008): products of columns become visible to a linear reader. */
function hiddenLayer(width: number, units: number, seed: number, name: string) {
  const r = random(seed, "features", name);
  const matrix = Float32Array.from({ length: units * width }, () => r.normal() / Math.sqrt(width));
  const shift = Float32Array.from({ length: units }, () => r.normal() / 2);
  return (row: Float32Array): Float32Array => {
    const out = new Float32Array(units);
    for (let u = 0; u < units; u++) {
      let sum = shift[u]!;
      for (let i = 0; i < width; i++) sum += matrix[u * width + i]! * row[i]!;
      out[u] = sum > 0 ? sum : 0;
    }
    return out;
  };
}

/** Small pictures of all images one after the other; fewer cells each where there are many. */
function overview({ images }: PreparedExample): Float32Array {
  const cells = images.length <= 2 ? 10 : 5;
  const shown = images.slice(0, images.length <= 2 ? 2 : 10);
  const out = new Float32Array(1000);
  let at = 0;
  for (const { picture } of shown) {
    const table = integralImage(picture);
    for (const value of thumbnail(table, frame(table), cells, cells)) out[at++] = value / 255;
  }
  return out.subarray(0, 750);
}

/** Description of the last helper, any transformation of it undone. */
export const lastOf = (at: PreparedExample): Float32Array =>
  at.transformed?.at(-1)?.helper ?? at.helpers.at(-1)!;

/** Descriptions of the helpers before the last one, latest first, any transformation undone. */
const beforeOf = (at: PreparedExample): Float32Array[] =>
  at.helpers
    .map((helper, i) => at.transformed?.[i]?.helper ?? helper)
    .slice(0, -1)
    .reverse();

/** What is shown of an example's own helpers. */
export const ownHelpers = (at: PreparedExample): Shown => ({
  last: lastOf(at),
  place: placeOf(at),
  novel: newPlaceOf(at),
  before: beforeOf(at),
  transform: at.transformed?.at(-1)?.numbers ?? null,
});

/** What is shown where a pointer guesses the helper from the input; without a guess, a donor's helper is used. */
export function guessed(at: PreparedExample, place: CandidatePlace | null, donor: PreparedExample): Shown {
  const before = beforeOf(donor);
  const rest = { novel: null, before, transform: null };
  if (!place) return { last: lastOf(donor), place: null, ...rest };
  return { last: describe(integralImage(at.images[place.image]!.picture), place.box), place, ...rest };
}

interface Encoder {
  words: Words;
  /** Features of all cases with what is shown of each, [cases × width]; equal width whatever is shown. */
  encode(blocks: readonly Block[], shown: (row: number) => Shown): Features;
}

/**
 * The encoder of a dataset: scales are those of the input and of the true helpers, for every reader alike. Each block
 * has a squared length of about 1, so that none drowns another.
 */
export function encoderOf(cases: readonly PreparedExample[], seed: number): Encoder {
  const words = wordsOf(
    cases.map(({ question }) => question),
    WORDS,
    true,
  );
  const overviews = cases.map(overview);
  const wide = overviews[0]!.length;
  const overviewScale = scaleOf(overviews, wide);
  const project = hiddenLayer(wide, PROJECTED, seed, "images");
  const projected = overviews.map((row) => project(standard(row, overviewScale)));
  const projectedScale = scaleOf(projected, PROJECTED);

  const most = Math.min(READ, largest(cases.map(({ helpers }) => helpers.length)));
  const lastScale = scaleOf(cases.map(lastOf), DESCRIPTION);
  const transforms = cases.flatMap(({ transformed }) => transformed?.at(-1)?.numbers ?? []);
  const transformScale = transforms.length > 0 ? scaleOf(transforms, TRANSFORM) : null;
  const beforeScales = Array.from({ length: most - 1 }, (_, k) => {
    const rows = cases.flatMap(({ helpers }) => helpers.at(-2 - k) ?? []);
    return scaleOf(rows, LOOK);
  });
  const hide = hiddenLayer(LOOK, HIDDEN, seed, "helper");
  const hidden = (last: Float32Array): Float32Array => hide(standard(last.subarray(0, LOOK), lastScale));
  const hiddenScale = scaleOf(
    cases.map((at) => hidden(lastOf(at))),
    HIDDEN,
  );

  const widths: Record<Block, number> = {
    images: PROJECTED,
    words: WORDS,
    helper: DESCRIPTION + HIDDEN + (most - 1) * LOOK,
    place: PLACE,
    novel: PLACE,
    transform: transformScale ? TRANSFORM : 0,
  };

  function fill(block: Block, row: number, shown: Shown, out: Float32Array, start: number): void {
    let at = start;
    const put = (values: Float32Array): void => {
      const share = 1 / Math.sqrt(values.length);
      for (const value of values) out[at++] = value * share;
    };
    const example = cases[row]!;
    if (block === "images") put(standard(projected[row]!, projectedScale));
    else if (block === "words") {
      const numbers = words.numbers(example.question);
      for (const number of numbers) out[at + number] = 1 / Math.sqrt(numbers.length);
    } else if (block === "helper") {
      put(standard(shown.last.subarray(0, LOOK), lastScale));
      put(standard(shown.last.subarray(LOOK), lastScale, LOOK));
      put(standard(hidden(shown.last), hiddenScale));
      for (const [k, scale] of beforeScales.entries()) {
        const each = shown.before[k];
        if (each) put(standard(each.subarray(0, LOOK), scale));
        else at += LOOK;
      }
    } else if (block === "transform") {
      if (transformScale && shown.transform) put(standard(shown.transform, transformScale));
    } else if (shown[block]) {
      const { image, box } = shown[block];
      const { width, height } = example.images[image]!.picture;
      out[at + Math.min(image, IMAGES - 1)] = 1;
      const clamp = (value: number): number => Math.max(0, Math.min(1, value));
      const [x, y] = [clamp((box.x + box.w / 2) / width), clamp((box.y + box.h / 2) / height)];
      soft(x, y, CELLS, out, at + IMAGES);
    }
  }

  return {
    words,
    encode(blocks, shown) {
      const width = blocks.reduce((sum, block) => sum + widths[block], 0);
      const values = new Float32Array(cases.length * width);
      for (let row = 0; row < cases.length; row++) {
        const what = shown(row);
        let at = row * width;
        for (const block of blocks) {
          fill(block, row, what, values, at);
          at += widths[block];
        }
      }
      return { width, values };
    },
  };
}
