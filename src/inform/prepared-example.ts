import type { Picture } from "../formats/index.ts";
import {
  type Box,
  type IntegralImage,
  integralImage,
  largest,
  reduced,
  thumbnail,
  upperMedian,
} from "../numeric/index.ts";
import { decodeExample, type Example } from "../tasks/index.ts";
import { bestMatch, type Match } from "./match.ts";
import { novelPart } from "./novel.ts";

/** An image of the input as it is kept: small, with the size it had. */
interface KeptImage {
  picture: Picture;
  /** Pixels of the picture per pixel of the image that matches are given in. */
  scale: number;
}

/** What is kept of an example: enough for every reader, little enough for thousands. */
export interface PreparedExample {
  id: string;
  question: string;
  options: string[];
  answer: number;
  images: KeptImage[];
  /** Best match of each helper; null for a helper of one color, or where there is no image. */
  matches: (Match | null)[];
  /** Where what is new in the last helper is found (see `novelPart`); null where nothing is, or nothing else is. */
  novel: Match | null;
  /** Descriptions of the helpers (see `describe`), in order. */
  helpers: Float32Array[];
  /** Each helper as a recolored or turned copy of a place in the input (see `findTransforms`). */
  transformed?: TransformedHelper[];
}

/** A helper that is a transformed copy of a place in the input. */
interface TransformedHelper {
  match: Match;
  /** What it underwent, as numbers. */
  numbers: Float32Array;
  /** Description of the helper with the transformation undone. */
  helper: Float32Array;
}

/** Longer side of what is kept of an image. */
const KEPT = 192;
/** At most this many helpers are read: the last ones, which are nearest to the answer. */
export const READ = 4;

/** Cells of a description: colors, figure against ground, fine grays. */
const GRID = 10;
const COLORS = 5;
const GRAYS = 16;
/** Numbers of a description: colors, figure, mean colors of figure and ground; and grays. */
export const LOOK = COLORS * COLORS * 3 + GRID * GRID + 6;
export const DESCRIPTION = LOOK + GRAYS * GRAYS;

/**
 * What a reader sees of a rectangle: its colors on 5 × 5 cells, how far each of 10 × 10 cells stands out from the
 * color of the border (so that shape does not depend on color), mean colors of figure and ground, and grays on
 * 16 × 16 cells. Helpers and places of the input are described alike.
 *
 * @returns `DESCRIPTION` numbers of about 0 … 1.
 */
export function describe(table: IntegralImage, box: Box): Float32Array {
  const out = new Float32Array(DESCRIPTION);
  const cells = thumbnail(table, box, GRID, GRID);
  const border: number[] = [];
  for (let i = 0; i < GRID; i++) border.push(i, (GRID - 1) * GRID + i, i * GRID, i * GRID + GRID - 1);
  const ground = [0, 1, 2].map((c) => upperMedian(border.map((cell) => cells[3 * cell + c]!)));
  const far = Float32Array.from({ length: GRID * GRID }, (_, i) =>
    Math.max(...ground.map((g, c) => Math.abs(cells[3 * i + c]! - g))),
  );
  const most = largest(far, 1);
  const pooled = thumbnail(table, box, COLORS, COLORS);
  let at = 0;
  for (const value of pooled) out[at++] = value / 255;
  for (const value of far) out[at++] = value / most;
  const weight = far.reduce((sum, value) => sum + value * value, 0) || 1;
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    for (let i = 0; i < far.length; i++) sum += far[i]! * far[i]! * cells[3 * i + c]!;
    out[at++] = sum / weight / 255;
  }
  for (const value of ground) out[at++] = value / 255;
  const grays = thumbnail(table, box, GRAYS, GRAYS);
  for (let i = 0; i < GRAYS * GRAYS; i++) {
    out[at++] = (0.299 * grays[3 * i]! + 0.587 * grays[3 * i + 1]! + 0.114 * grays[3 * i + 2]!) / 255;
  }
  return out;
}

/** Correlation of the colors and grays of two descriptions. */
export function alike(a: Float32Array, b: Float32Array): number {
  const taken = [...Array(COLORS * COLORS * 3).keys()].concat(
    Array.from({ length: GRAYS * GRAYS }, (_, i) => LOOK + i),
  );
  const mean = (values: Float32Array): number => taken.reduce((sum, i) => sum + values[i]!, 0) / taken.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const i of taken) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** All of a picture. */
export const frame = ({ width, height }: { width: number; height: number }): Box => ({
  x: 0,
  y: 0,
  w: width,
  h: height,
});

/**
 * Decodes an example and measures where its helpers are found in its images. Throws `LintelError` "dataset" for images
 * that do not decode.
 */
export async function prepareExample(example: Example): Promise<PreparedExample> {
  const helpers = example.helpers.slice(-READ);
  const decoded = await decodeExample({ ...example, helpers, counterfactuals: [] });
  const tables = decoded.images.map(integralImage);
  const matches = decoded.helpers.map((helper) => bestMatch(helper, tables));
  const part = novelPart(decoded.helpers.at(-1)!, matches.at(-1)!, tables);
  return {
    id: example.id,
    question: example.question,
    options: example.options,
    answer: example.answer,
    images: tables.map((table) => {
      const picture = reduced(table, KEPT);
      return { picture, scale: picture.width / table.width };
    }),
    matches,
    novel: part && bestMatch(part, tables),
    helpers: decoded.helpers.map((helper) => {
      const table = integralImage(helper);
      return describe(table, frame(table));
    }),
  };
}
