import type { Picture } from "../formats/index.ts";
import { type IntegralImage, integralImage } from "../numeric/index.ts";
import { decodeExample, type Example } from "../tasks/index.ts";
import { CONTAINED, type Match } from "./match.ts";
import { describe, frame, type PreparedExample } from "./prepared-example.ts";
import { type Recoloring, recolored, recoloredValues, recoloring } from "./recolor.ts";
import { bestTransformed, type Transformed } from "./transformed.ts";
import { type HelperTurn, OBLIQUE_STEP, obliqueTurns, rightTurns } from "./turns.ts";

/** From this share of contained helpers on, a dataset's helpers are contained. */
export const CONTAINED_SHARE = 0.9;
/** Examples on which it is tried whether helpers are transformed copies. */
const SAMPLE = 16;
/**
 * So many of them have to be copies, and found better than in another example's images, for all examples to be searched: of
 * 16 smooth patches or simple shapes that are found anywhere, 13 are better in their own image with a probability of 1.1 %.
 */
const FOUND = 0.8;
/** A copy as exact as this needs no comparison: nothing smooth correlates so by chance. */
const EXACT = 0.998;

const identity: HelperTurn = { degrees: 0, mirrored: false };
const allTurns: readonly HelperTurn[] = [identity, ...rightTurns, ...obliqueTurns];

/** What a helper underwent: cosine, sine and reflection of the turn, and the 18 numbers of the color map. */
export const TRANSFORM = 21;

const isContained = (match: Match | null): boolean => match !== null && match.ncc >= CONTAINED;

/** Whether all helpers of an example are contained in its images as they are. */
export const containedAsIs = ({ matches }: PreparedExample): boolean => matches.every(isContained);

async function decode(
  example: Example,
  helpers: number,
): Promise<{ helpers: Picture[]; tables: IntegralImage[] }> {
  const decoded = await decodeExample({
    ...example,
    helpers: example.helpers.slice(-helpers),
    counterfactuals: [],
  });
  return { helpers: decoded.helpers, tables: decoded.images.map(integralImage) };
}

function numbersOf(turn: HelperTurn, recoloring: Recoloring | null): Float32Array {
  const out = new Float32Array(TRANSFORM);
  const angle = (turn.degrees * Math.PI) / 180;
  out.set([Math.cos(angle), Math.sin(angle), turn.mirrored ? 1 : 0]);
  if (recoloring) out.set(recoloring.slice(0, TRANSFORM - 3), 3);
  return out;
}

/** Of a pooled color map: an example follows it when it explains this much of its variance … */
const EXPLAINED = 0.9;
/** … and it is taken for all when this many examples follow it. */
const FOLLOWED = 0.9;
/** Cells of all examples that the pooled map is fitted to. */
const POOLED = 200_000;

function explained(colors: Transformed["colors"], map: Recoloring): number {
  const { helper, place } = colors;
  const mapped = recoloredValues(helper, map);
  const mean = [0, 1, 2].map((c) => {
    let sum = 0;
    for (let i = c; i < place.length; i += 3) sum += place[i]!;
    return (3 * sum) / place.length;
  });
  let [residual, variance] = [0, 0];
  for (let i = 0; i < place.length; i++) {
    residual += (place[i]! - mapped[i]!) ** 2;
    variance += (place[i]! - mean[i % 3]!) ** 2;
  }
  return variance > 0 ? 1 - residual / variance : 1;
}

/**
 * The map from helpers' colors to the input's. Where one map serves all, as for inverted helpers, it is that one: a map
 * fitted to one example would tell what its colors are.
 */
function recoloringsOf(found: readonly Transformed[]): (Recoloring | null)[] {
  const take = Math.max(
    1,
    Math.ceil(found.reduce((sum, each) => sum + each.colors.helper.length / 3, 0) / POOLED),
  );
  const pick = (colors: Float32Array): number[] =>
    Array.from({ length: Math.floor(colors.length / 3 / take) }, (_, k) => 3 * take * k).flatMap((i) => [
      colors[i]!,
      colors[i + 1]!,
      colors[i + 2]!,
    ]);
  const pooled = recoloring(
    Float32Array.from(found.flatMap(({ colors }) => pick(colors.helper))),
    Float32Array.from(found.flatMap(({ colors }) => pick(colors.place))),
  );
  const follow = pooled && found.filter(({ colors }) => explained(colors, pooled) >= EXPLAINED).length;
  if (follow !== null && follow >= FOLLOWED * found.length) return found.map(() => pooled);
  return found.map(({ colors }) => recoloring(colors.helper, colors.place));
}

/** The turns to look for in all examples: those seen in the sample, oblique ones with their neighbors. */
function turnsSeen(seen: readonly HelperTurn[]): HelperTurn[] {
  const near = (a: HelperTurn, b: HelperTurn): boolean => {
    const apart = Math.abs(((((a.degrees - b.degrees) % 360) + 540) % 360) - 180);
    return a.mirrored === b.mirrored && apart < OBLIQUE_STEP;
  };
  return allTurns.filter((turn) => seen.some((each) => near(turn, each)));
}

export interface TransformSearch {
  cases: PreparedExample[];
  /** Examples all of whose helpers are transformed copies, and of which kinds these are; null where none were looked for. */
  found: { count: number; turned: number } | null;
}

/**
 * Looks for helpers that are recolored, blurred or turned copies of a place in the input, where they are not contained as
 * they are. A sample tells whether there are any: most of it must be found, and better than in the images of another example,
 * where simple shapes and smooth patches are found as well. Cases found so get the place, the transformation, and the
 * description of the helper with the transformation undone, so that readers compare like with like.
 */
export async function findTransforms(
  examples: readonly Example[],
  cases: readonly PreparedExample[],
  onExample: (done: number, total: number) => void,
): Promise<TransformSearch> {
  const open = [...cases.keys()].filter((row) => !containedAsIs(cases[row]!));
  const none = { cases: [...cases], found: null };
  if (cases.length - open.length >= CONTAINED_SHARE * cases.length) return none;
  const sample = open.filter((_, i) => i % Math.ceil(open.length / SAMPLE) === 0);
  const seen: HelperTurn[] = [];
  for (const [i, row] of sample.entries()) {
    const { helpers, tables } = await decode(examples[row]!, 1);
    const own = bestTransformed(helpers[0]!, tables, allTurns);
    onExample(i + 1, sample.length);
    if (own && isContained(own.match)) {
      const donor = await decode(examples[sample[(i + 1) % sample.length]!]!, 1);
      const other = bestTransformed(helpers[0]!, donor.tables, turnsSeen([own.turn]));
      if (own.match.ncc >= EXACT || !other || own.match.ncc > other.match.ncc) seen.push(own.turn);
    }
    // The others cannot make up for those that were not found.
    if (i + 1 - seen.length > (1 - FOUND) * sample.length) return none;
  }

  const turns = turnsSeen(seen);
  const copies = new Map<number, Transformed[]>();
  for (const [i, row] of open.entries()) {
    const { helpers, tables } = await decode(examples[row]!, cases[row]!.helpers.length);
    const found = helpers.map((helper) => bestTransformed(helper, tables, turns));
    onExample(i + 1, open.length);
    const kept = found.flatMap((each) => (each && isContained(each.match) ? [each] : []));
    if (kept.length === found.length) copies.set(row, kept);
  }
  const turned = [...copies.values()].filter((all) =>
    all.some(({ turn }) => turn.degrees !== 0 || turn.mirrored),
  ).length;
  const found = { count: copies.size, turned };
  // Where many others are not contained at all, helpers are read as they are.
  if (cases.length - open.length + copies.size < CONTAINED_SHARE * cases.length) return { ...none, found };
  const all = [...copies.values()].flat();
  const maps = new Map(recoloringsOf(all).map((map, i) => [all[i]!, map]));
  const out = [...cases];
  for (const [row, helpers] of copies) {
    const transformed = helpers.map((each) => {
      const map = maps.get(each) ?? null;
      const { match, turn, picture } = each;
      const table = integralImage(map ? { ...picture, pixels: recolored(picture.pixels, map) } : picture);
      return { match, numbers: numbersOf(turn, map), helper: describe(table, frame(table)) };
    });
    out[row] = { ...cases[row]!, transformed };
  }
  return { cases: out, found };
}
