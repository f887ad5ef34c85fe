import type { Picture } from "../formats/index.ts";
import { type Box, type IntegralImage, movedInside, thumbnail } from "../numeric/index.ts";
import { centered, type Stencil, stencilOf, type Template, templatesOf } from "./template.ts";

/** Where a helper is found best in the images of the input. */
export interface Match {
  /** Normalised cross-correlation there, −1 … 1: 1 is a copy, up to brightness and contrast. */
  ncc: number;
  /** Number of the image. */
  image: number;
  /** Where the whole helper, its flat surroundings included, ends up; in pixels of that image, moved inside. */
  box: Box;
}

/** Cells of the longer side when searching, when climbing, and for the value that is reported. */
const COARSE = 8;
const CLIMB = 16;
export const FINE = 24;
/** Scales are this far apart when searching. */
const STEP = 2 ** (1 / 3);
/** Places from which the search climbs. */
const KEPT = 8;
/** The smallest thing looked for, as a share of the image's longer side, and in pixels. */
const SMALLEST = 1 / 16;
const SMALLEST_PIXELS = 8;
/** A window of less variance than this per cell (0 … 255 squared) is flat: no correlation is defined. */
const FLAT = 1;

interface Candidate {
  score: number;
  image: number;
  /** Of the template's content. */
  box: Box;
}

/**
 * Weighted normalized cross-correlation of a stencil with the same cells of a grid of colors: means are taken out per
 * channel, then the three channels are one vector. 0 where the grid is flat.
 *
 * @param means - [rows × columns × 3].
 */
function correlation(stencil: Stencil, means: Float32Array): number {
  const { values, power } = centered(means, stencil.cells);
  if (power < FLAT * stencil.cells.length || stencil.power === 0) return 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * stencil.values[i]!;
  // Rounding may leave the range by a hair.
  return Math.max(-1, Math.min(1, sum / Math.sqrt(power * stencil.power)));
}

/**
 * The correlation at every place of a grid of colors, [(height − rows + 1) × (width − columns + 1)].
 *
 * @param grid - [height × width × 3].
 */
export function correlationMap(
  stencil: Stencil,
  grid: Float32Array,
  width: number,
  height: number,
): Float32Array {
  const { columns, rows, cells, values, power } = stencil;
  const across = width - columns + 1;
  const down = height - rows + 1;
  const map = new Float32Array(Math.max(0, across) * Math.max(0, down));
  const count = cells.length;
  const offsets = Int32Array.from(
    cells,
    (cell) => 3 * (Math.floor(cell / columns) * width + (cell % columns)),
  );
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const at = 3 * (y * width + x);
      let [product, r, g, b, squares] = [0, 0, 0, 0, 0];
      for (let k = 0, t = 0; k < count; k++, t += 3) {
        const o = at + offsets[k]!;
        const red = grid[o]!;
        const green = grid[o + 1]!;
        const blue = grid[o + 2]!;
        product += red * values[t]! + green * values[t + 1]! + blue * values[t + 2]!;
        r += red;
        g += green;
        b += blue;
        squares += red * red + green * green + blue * blue;
      }
      const variance = squares - (r * r + g * g + b * b) / count;
      map[y * across + x] = variance < FLAT * count ? 0 : product / Math.sqrt(variance * power);
    }
  }
  return map;
}

/** The best place of a map and the best one not beside it. */
function peaks(map: Float32Array, across: number, apart: number): number[] {
  let first = 0;
  for (let i = 1; i < map.length; i++) if (map[i]! > map[first]!) first = i;
  let second = -1;
  const [fx, fy] = [first % across, Math.floor(first / across)];
  for (let i = 0; i < map.length; i++) {
    if (Math.max(Math.abs((i % across) - fx), Math.abs(Math.floor(i / across) - fy)) < apart) continue;
    if (second < 0 || map[i]! > map[second]!) second = i;
  }
  return second < 0 ? [first] : [first, second];
}

/** Every scale of an image at which the content fits and is not too small; 1 is among them where it fits. */
function scalesFor(
  { content }: Template,
  image: IntegralImage,
  images: number,
  leastScale: number,
): number[] {
  const longest = Math.max(content.w, content.h);
  const largest = Math.min(image.width / content.w, image.height / content.h);
  // Among many small images each is searched for the helper as it is, not for its miniature.
  const least = Math.max(
    SMALLEST_PIXELS / longest,
    (SMALLEST * Math.max(image.width, image.height)) / longest,
    images > 2 ? 1 / 4 : 0,
    leastScale,
  );
  const scales = new Set([largest]);
  for (let k = Math.ceil(Math.log(least) / Math.log(STEP)); STEP ** k <= largest; k++) scales.add(STEP ** k);
  return [...scales];
}

/** How alike a stencil and a place are, and how thoroughly the places are searched. */
export interface Likeness {
  /** At every place of a grid of colors, [(height − rows + 1) × (width − columns + 1)]. */
  map(stencil: Stencil, grid: Float32Array, width: number, height: number): Float32Array;
  /** At one place; `final` for the value that is reported. */
  at(stencil: Stencil, means: Float32Array, final: boolean): number;
  /** Cells of the longer side for the value that is reported. */
  resolution(template: Template): number;
  /** Places from which the search climbs. */
  climbs: number;
  /** The smallest scale at which the template is looked for. */
  leastScale: number;
}

const plain: Likeness = {
  map: correlationMap,
  at: correlation,
  resolution: () => FINE,
  climbs: KEPT,
  leastScale: 0,
};

function search(
  template: Template,
  stencil: Stencil,
  images: readonly IntegralImage[],
  likeness: Likeness,
): Candidate[] {
  const found: Candidate[] = [];
  for (const [number, image] of images.entries()) {
    for (const scale of scalesFor(template, image, images.length, likeness.leastScale)) {
      const w = template.content.w * scale;
      const h = template.content.h * scale;
      const cell = { x: w / stencil.columns, y: h / stencil.rows };
      const width = Math.floor(image.width / cell.x + 1e-9);
      const height = Math.floor(image.height / cell.y + 1e-9);
      if (width < stencil.columns || height < stencil.rows) continue;
      // The lattice of cells is in the middle, so that nothing is lost at one edge only.
      const x0 = (image.width - width * cell.x) / 2;
      const y0 = (image.height - height * cell.y) / 2;
      const box = { x: x0, y: y0, w: width * cell.x, h: height * cell.y };
      const map = likeness.map(stencil, thumbnail(image, box, width, height), width, height);
      const across = width - stencil.columns + 1;
      for (const i of peaks(map, across, 3)) {
        const x = x0 + (i % across) * cell.x;
        const y = y0 + Math.floor(i / across) * cell.y;
        found.push({ score: map[i]!, image: number, box: { x, y, w, h } });
      }
    }
  }
  return found.sort((a, b) => b.score - a.score).slice(0, likeness.climbs);
}

/** Climbs from a place to the best one near it, in ever smaller steps of place and scale. */
function climb(
  template: Template,
  stencil: Stencil,
  image: IntegralImage,
  start: Candidate,
  likeness: Likeness,
): Candidate {
  const scoreOf = (box: Box): number => {
    const fits =
      box.w >= 0.9 * likeness.leastScale * template.content.w &&
      box.x >= -1e-6 &&
      box.y >= -1e-6 &&
      box.x + box.w <= image.width + 1e-6 &&
      box.y + box.h <= image.height + 1e-6;
    return fits ? likeness.at(stencil, thumbnail(image, box, stencil.columns, stencil.rows), false) : -1;
  };
  let best = { ...start, score: scoreOf(start.box) };
  const attempt = (box: Box): boolean => {
    const score = scoreOf(box);
    if (score <= best.score) return false;
    best = { ...best, score, box };
    return true;
  };
  const scaled = (factor: number): Box => {
    const { x, y, w, h } = best.box;
    const [wide, high] = [w * factor, h * factor];
    return { x: x + (w - wide) / 2, y: y + (h - high) / 2, w: wide, h: high };
  };
  // Copies are usually of the same size and on whole pixels: that is tried before and after.
  const snap = (): void => {
    const near = best.box.w / template.content.w;
    const at = Math.abs(Math.log(near)) < 0.12 ? scaled(1 / near) : best.box;
    const [x, y] = [Math.round(at.x), Math.round(at.y)];
    for (const dy of [0, -1, 1]) for (const dx of [0, -1, 1]) attempt({ ...at, x: x + dx, y: y + dy });
  };
  snap();
  let grow = Math.sqrt(STEP);
  for (let step = best.box.w / COARSE; step > 0.3; step /= 2, grow = Math.sqrt(grow)) {
    for (let turns = 0, moved = true; moved && turns < 4; turns++) {
      moved = false;
      for (const [dx, dy] of [
        [-step, 0],
        [step, 0],
        [0, -step],
        [0, step],
      ] as const) {
        moved = attempt({ ...best.box, x: best.box.x + dx, y: best.box.y + dy }) || moved;
      }
      moved = attempt(scaled(grow)) || attempt(scaled(1 / grow)) || moved;
    }
  }
  snap();
  return best;
}

/**
 * Where a template is found best; null where it fits nowhere.
 *
 * @param likeness - The measure of likeness; normalized cross-correlation if left out.
 */
function bestOf(template: Template, images: readonly IntegralImage[], likeness: Likeness): Match | null {
  const coarse = stencilOf(template, COARSE);
  const middle = stencilOf(template, CLIMB);
  const fine = stencilOf(template, likeness.resolution(template));
  let best: Candidate | null = null;
  for (const start of search(template, coarse, images, likeness)) {
    const image = images[start.image]!;
    const reached = climb(template, middle, image, start, likeness);
    const score = likeness.at(fine, thumbnail(image, reached.box, fine.columns, fine.rows), true);
    if (!best || score > best.score) best = { ...reached, score };
  }
  if (!best) return null;
  const { content } = template;
  const scale = best.box.w / content.w;
  const image = images[best.image]!;
  const box = {
    x: best.box.x - content.x * scale,
    y: best.box.y - content.y * scale,
    w: template.width * scale,
    h: template.height * scale,
  };
  return { ncc: best.score, image: best.image, box: movedInside(box, image.width, image.height) };
}

/**
 * The best likeness of a template on the coarsest grid: tells quickly whether a closer look is worth while.
 */
export function coarseScore(
  template: Template,
  images: readonly IntegralImage[],
  likeness: Likeness,
): number {
  return search(template, stencilOf(template, COARSE), images, likeness)[0]?.score ?? 0;
}

/** A helper counts as contained from this correlation on. */
export const CONTAINED = 0.95;

/**
 * Where in the input a helper is found best: normalized cross-correlation over images, scales and places. The search is
 * exhaustive on a grid of 8 cells per template and scales a third of an octave apart (from a sixteenth of the image to
 * all of it), then climbs from the 8 best places to sub-pixels; the value is that on a grid of 24 cells. A helper that is
 * not found as a whole is looked for without its flat surroundings. For recolored, turned and blurred copies see
 * `bestTransformed`.
 *
 * @returns null for a helper of one color, and for an input without images.
 *
 * Source: Lewis 1995, "Fast normalized cross-correlation"; docs/science.md "Informativeness of a dataset".
 */
export function bestMatch(helper: Picture, images: readonly IntegralImage[]): Match | null {
  return bestAmong(templatesOf(helper), images);
}

/** Where the best of some templates is found; the first that is contained ends the search. */
export function bestAmong(
  templates: readonly Template[],
  images: readonly IntegralImage[],
  likeness: Likeness = plain,
): Match | null {
  let best: Match | null = null;
  for (const template of templates) {
    const found = bestOf(template, images, likeness);
    if (found && (!best || found.ncc > best.ncc)) best = found;
    if (best && best.ncc >= CONTAINED) break;
  }
  return best;
}
