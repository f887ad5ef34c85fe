import type { Picture } from "../formats/index.ts";
import { type IntegralImage, integralImage, thumbnail } from "../numeric/index.ts";
import { bestAmong, CONTAINED, coarseScore, FINE, type Likeness, type Match } from "./match.ts";
import { BLURRED, REGRESSORS, recoloredCorrelation, regressorsOf } from "./recolor.ts";
import { type Stencil, stencilOf, type Template, templatesOf } from "./template.ts";
import { type HelperTurn, isRightTurn, OBLIQUE_STEP, turned } from "./turns.ts";

/** A helper as a transformed copy of a place in the input. */
export interface Transformed {
  /** The place, and the adjusted multiple correlation there. */
  match: Match;
  /** What turns the helper into the orientation of the input. */
  turn: HelperTurn;
  /** The helper so turned. */
  picture: Picture;
  /** Colors of the helper and of the place on the same grid of cells, [cells × 3] each. */
  colors: { helper: Float32Array; place: Float32Array };
}

/** A helper is blurred when this much of its variance remains on a coarser grid: it is compared on that one. */
const SMOOTH = 0.97;
const COARSER = [8, 12] as const;
/** Oblique turns that are looked at closely. */
const PROMISING = 2;
/** From this correlation on, no other turn is tried: simple shapes may be found under several. */
const SURE = 0.985;
/** Cells of a line on which colors are compared. */
const MAPPED = 24;

function varianceOf(stencil: Stencil): number {
  return stencil.power / Math.max(1, stencil.cells.length);
}

/** The adjusted multiple correlation of a helper's colors with a window's: recolored and slightly blurred copies have 1. */
const recoloredLikeness = (leastScale: number): Likeness => ({
  map(stencil, grid, width, height) {
    const regressors = regressorsOf(grid, width, height, false);
    const across = width - stencil.columns + 1;
    const down = height - stencil.rows + 1;
    const map = new Float32Array(Math.max(0, across) * Math.max(0, down));
    const offsets = stencil.cells.map(
      (cell) => Math.floor(cell / stencil.columns) * width + (cell % stencil.columns),
    );
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        const base = y * width + x;
        map[y * across + x] = recoloredCorrelation(stencil, regressors, REGRESSORS, offsets, base);
      }
    }
    return map;
  },
  at(stencil, means, final) {
    const regressors = regressorsOf(means, stencil.columns, stencil.rows, final);
    return recoloredCorrelation(stencil, regressors, final ? BLURRED : REGRESSORS, stencil.cells);
  },
  resolution(template) {
    const fine = varianceOf(stencilOf(template, FINE));
    return COARSER.find((cells) => varianceOf(stencilOf(template, cells)) >= SMOOTH * fine) ?? FINE;
  },
  climbs: 5,
  leastScale,
});

/** Turned copies by other than right angles are looked for at about their own size only: that search is costly. */
const likenessOf = (turn: HelperTurn): Likeness => recoloredLikeness(isRightTurn(turn) ? 1 / 4 : 1 / 2);

/** Where a turned helper is found, its colors aside. */
function place(helper: Picture, images: readonly IntegralImage[], turn: HelperTurn): PlacedHelper | null {
  const picture = turned(helper, turn);
  const templates = isRightTurn(turn) ? templatesOf(picture) : [disc(picture)];
  const match = bestAmong(templates, images, likenessOf(turn));
  return match && { match, picture, turn };
}

/** A square of which the inscribed disc counts. */
function disc(picture: Picture): Template {
  const { width, height } = picture;
  const marked = new Uint8Array(3 * width * height);
  // Cells beside those that count are compared too, so the disc is smaller by one of the coarsest cells.
  const radius = Math.min(width, height) * (0.5 - 1 / 8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const far = Math.hypot(x - (width - 1) / 2, y - (height - 1) / 2);
      if (far <= radius) marked.fill(255, 3 * (y * width + x), 3 * (y * width + x + 1));
    }
  }
  return {
    width,
    height,
    content: { x: 0, y: 0, w: width, h: height },
    table: integralImage(picture),
    mask: integralImage({ width, height, pixels: marked }),
  };
}

interface PlacedHelper {
  match: Match;
  picture: Picture;
  turn: HelperTurn;
}

const better = (a: PlacedHelper | null, b: PlacedHelper | null): PlacedHelper | null =>
  a && (!b || a.match.ncc >= b.match.ncc) ? a : b;

function placeOblique(
  helper: Picture,
  images: readonly IntegralImage[],
  turns: readonly HelperTurn[],
): PlacedHelper | null {
  const promising = turns
    .map((turn) => ({ turn, score: coarseScore(disc(turned(helper, turn)), images, likenessOf(turn)) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, PROMISING);
  let best: PlacedHelper | null = null;
  for (const { turn } of promising) best = better(best, place(helper, images, turn));
  for (let step = OBLIQUE_STEP / 2; best && step >= 1; step /= 2) {
    const { degrees, mirrored } = best.turn;
    for (const way of [-step, step])
      best = better(best, place(helper, images, { degrees: degrees + way, mirrored }));
  }
  return best;
}

/**
 * Where in the input a helper is found best as a recolored, blurred or turned copy. Right angles are tried in order, and
 * a clear copy ends the search; then the oblique ones, refined to about a degree.
 *
 * @returns null where it fits nowhere.
 */
export function bestTransformed(
  helper: Picture,
  images: readonly IntegralImage[],
  turns: readonly HelperTurn[],
): Transformed | null {
  let best: PlacedHelper | null = null;
  for (const turn of turns.filter(isRightTurn)) {
    best = better(best, place(helper, images, turn));
    if (best && best.match.ncc >= SURE) break;
  }
  const oblique = turns.filter((turn) => !isRightTurn(turn));
  if (oblique.length > 0 && !(best && best.match.ncc >= CONTAINED))
    best = better(best, placeOblique(helper, images, oblique));
  if (!best) return null;
  const { match, picture } = best;
  const { width: w, height: h } = picture;
  const rows = Math.max(1, Math.round((MAPPED * h) / w));
  const helperColors = thumbnail(integralImage(picture), { x: 0, y: 0, w, h }, MAPPED, rows);
  const placeColors = thumbnail(images[match.image]!, match.box, MAPPED, rows);
  return { ...best, colors: { helper: helperColors, place: placeColors } };
}
