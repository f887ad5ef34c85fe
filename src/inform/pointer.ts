import { random } from "../util/index.ts";
import type { Case } from "./case.ts";
import { minimise, product } from "./descent.ts";
import { type Box, inside, overlap, type Table, tableOf, thumbnail } from "./table.ts";
import type { Words } from "./words.ts";

/**
 * The pointer predicts where the helper stands in the input, from the input and the question alone. It is trained on
 * where helpers were found in other examples. What it points at is the best guess of the helper without the helper.
 */
export interface Place {
  image: number;
  /** In pixels of the image that is kept. */
  box: Box;
}

export type Pointer = (at: Case) => Place | null;

/** Windows looked at per training example besides the right one, and how many sizes of windows there may be. */
const OTHERS = 20;
const SIZES = 3;
/** Windows per image and size at most. */
const MOST = 400;
/** Words of the question that the look of a window is crossed with. */
const CROSSED = 16;
const IMAGES = 12;
const PLACES = 4;

const inner = 6;
const around = 4;
const crossed = 8;
const dims = {
  window: inner * inner * 3,
  context: around * around * 3,
  odd: 3 * 3 * 3,
  place: IMAGES + PLACES * PLACES,
  words: CROSSED * crossed,
};
const WIDTH = dims.window + dims.context + dims.odd + dims.place + dims.words;

/** The place of the last helper's match in what is kept of the image. */
export function placeOf(at: Case): Place | null {
  const match = at.matches.at(-1);
  if (!match) return null;
  const { scale } = at.images[match.image]!;
  const { x, y, w, h } = match.box;
  return { image: match.image, box: { x: x * scale, y: y * scale, w: w * scale, h: h * scale } };
}

/** Bilinear shares of a point (0 … 1 each way) in a grid of n × n cells. */
export function soft(x: number, y: number, n: number, out: Float32Array, at: number): void {
  const [px, py] = [x * (n - 1), y * (n - 1)];
  const [left, top] = [Math.min(Math.floor(px), n - 2), Math.min(Math.floor(py), n - 2)];
  const [dx, dy] = [px - left, py - top];
  out[at + top * n + left] = (1 - dx) * (1 - dy);
  out[at + top * n + left + 1] = dx * (1 - dy);
  out[at + (top + 1) * n + left] = (1 - dx) * dy;
  out[at + (top + 1) * n + left + 1] = dx * dy;
}

/** What all windows of an example are compared with: the usual colour of each of 3 × 3 cells. */
function usual(tables: readonly Table[], sizes: readonly Box[][]): Float32Array {
  const all = sizes.flatMap((boxes, i) => boxes.map((box) => thumbnail(tables[i]!, box, 3, 3)));
  return Float32Array.from({ length: dims.odd }, (_, k) => {
    const sorted = all.map((each) => each[k]!).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  });
}

interface Scene {
  tables: Table[];
  /** Windows of each image. */
  boxes: Box[][];
  usual: Float32Array;
  /** Numbers of the question's words. */
  words: number[];
}

function look(scene: Scene, { image, box }: Place): Float32Array {
  const table = scene.tables[image]!;
  const out = new Float32Array(WIDTH);
  let at = 0;
  const put = (values: Float32Array, scale: number): void => {
    for (const value of values) out[at++] = (value / 255 - 0.5) * scale;
  };
  const window = thumbnail(table, box, inner, inner);
  put(window, 2 / Math.sqrt(dims.window));
  const wide = { x: box.x - 0.3 * box.w, y: box.y - 0.3 * box.h, w: 1.6 * box.w, h: 1.6 * box.h };
  put(thumbnail(table, inside(wide, table.width, table.height), around, around), 2 / Math.sqrt(dims.context));
  const odd = thumbnail(table, box, 3, 3);
  for (let i = 0; i < dims.odd; i++) {
    out[at++] = ((Math.abs(odd[i]! - scene.usual[i]!) / 255) * 3) / Math.sqrt(dims.odd);
  }
  out[at + Math.min(image, IMAGES - 1)] = 1;
  at += IMAGES;
  const x = table.width > box.w ? box.x / (table.width - box.w) : 0.5;
  const y = table.height > box.h ? box.y / (table.height - box.h) : 0.5;
  soft(x, y, PLACES, out, at);
  at += PLACES * PLACES;
  const middle = thumbnail(table, box, 1, 1);
  const brief = [
    middle[0]! / 255,
    middle[1]! / 255,
    middle[2]! / 255,
    x,
    y,
    box.w / table.width,
    box.h / table.height,
    1,
  ];
  const share = 1 / Math.sqrt(Math.max(1, scene.words.length) * crossed);
  for (const word of scene.words) {
    for (let i = 0; i < crossed; i++) out[at + word * crossed + i] = brief[i]! * share;
  }
  return out;
}

/** A lattice of windows of one size, half a window apart or wider. */
function lattice(table: Table, w: number, h: number): Box[] {
  const size = inside({ x: 0, y: 0, w, h }, table.width, table.height);
  const room = { x: table.width - size.w, y: table.height - size.h };
  let across = Math.ceil(room.x / (size.w / 2) - 1e-6) + 1;
  let down = Math.ceil(room.y / (size.h / 2) - 1e-6) + 1;
  const shrink = Math.sqrt(Math.min(1, MOST / (across * down)));
  across = Math.max(1, Math.round(across * shrink));
  down = Math.max(1, Math.round(down * shrink));
  return Array.from({ length: across * down }, (_, i) => ({
    ...size,
    x: across > 1 ? (room.x * (i % across)) / (across - 1) : room.x / 2,
    y: down > 1 ? (room.y * Math.floor(i / across)) / (down - 1) : room.y / 2,
  }));
}

/** Up to three sizes, as shares of the longer side of an image, that windows of training examples have. */
function sizesOf(cases: readonly Case[], rows: readonly number[]): { w: number; h: number }[] {
  const seen = rows.flatMap((row) => {
    const at = cases[row]!;
    const place = placeOf(at);
    if (!place) return [];
    const { width, height } = at.images[place.image]!.picture;
    const longest = Math.max(width, height);
    return [{ w: place.box.w / longest, h: place.box.h / longest }];
  });
  seen.sort((a, b) => a.w * a.h - b.w * b.h);
  const chosen: { w: number; h: number }[] = [];
  for (const level of [0.5, 0.2, 0.8]) {
    const size = seen[Math.floor(level * seen.length)];
    if (!size || chosen.length >= SIZES) continue;
    const known = chosen.some((other) => overlap({ x: 0, y: 0, ...size }, { x: 0, y: 0, ...other }) > 0.7);
    if (!known) chosen.push(size);
  }
  return chosen;
}

/** Climbs from a window to the best one near it in ever smaller steps. */
function settle(
  scene: Scene,
  start: Place,
  score: (place: Place) => number,
): { place: Place; score: number } {
  let best = { place: start, score: score(start) };
  const table = scene.tables[start.image]!;
  for (const step of [1 / 4, 1 / 8, 1 / 16, 1 / 32]) {
    for (const [dx, dy] of [
      [-step, 0],
      [step, 0],
      [0, -step],
      [0, step],
    ] as const) {
      const { image, box } = best.place;
      const moved = { ...box, x: box.x + dx * box.w, y: box.y + dy * box.h };
      const place = { image, box: inside(moved, table.width, table.height) };
      const reached = score(place);
      if (reached > best.score) best = { place, score: reached };
    }
  }
  return best;
}

const PENALTY = 1e-3;
const ITERATIONS = 40;

/** Weights by which the first window of each set is the most likely one. */
function learnToPoint(sets: readonly Float32Array[][]): Float64Array {
  const weights = new Float64Array(WIDTH);
  const objective = (w: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    for (let i = 0; i < WIDTH; i++) {
      loss += 0.5 * PENALTY * w[i]! * w[i]!;
      gradient[i] = PENALTY * w[i]!;
    }
    for (const set of sets) {
      const scores = set.map((values) => product(w, 0, values, 0, WIDTH));
      const most = Math.max(...scores);
      const exps = scores.map((each) => Math.exp(each - most));
      const total = exps.reduce((sum, each) => sum + each, 0);
      loss -= Math.log(exps[0]! / total) / sets.length;
      for (const [j, values] of set.entries()) {
        const error = (exps[j]! / total - (j === 0 ? 1 : 0)) / sets.length;
        for (let i = 0; i < WIDTH; i++) gradient[i]! += error * values[i]!;
      }
    }
    return loss;
  };
  minimise(weights, objective, ITERATIONS);
  return weights;
}

/**
 * Trains a pointer on the examples `rows`; null where too few of them (under 20) have a helper that was found.
 * With `words` null it does not read the question.
 *
 * @example
 * const cases = [];
 * for (const example of tasks.crop.generate("train", 24, 0)) cases.push(await caseOf(example));
 * trainPointer(cases, [...cases.keys()], null, 0)(cases[0]).image; // 0
 */
export function trainPointer(
  cases: readonly Case[],
  rows: readonly number[],
  words: Words | null,
  seed: number,
): Pointer | null {
  const sizes = sizesOf(cases, rows);
  const usable = rows.filter((row) => placeOf(cases[row]!));
  if (usable.length < 20) return null;
  const sceneOf = (at: Case): Scene => {
    const tables = at.images.map(({ picture }) => tableOf(picture));
    const boxes = tables.map((table) => {
      const longest = Math.max(table.width, table.height);
      return sizes.flatMap(({ w, h }) => lattice(table, w * longest, h * longest));
    });
    const asked = words?.numbers(at.question).filter((word) => word < CROSSED) ?? [];
    return { tables, boxes, usual: usual(tables, boxes), words: asked };
  };
  const r = random(seed, "pointer");
  const sets: Float32Array[][] = [];
  for (const row of usable) {
    const scene = sceneOf(cases[row]!);
    const right = placeOf(cases[row]!)!;
    const table = scene.tables[right.image]!;
    right.box = inside(right.box, table.width, table.height);
    const all = scene.boxes.flatMap((boxes, image) => boxes.map((box) => ({ image, box })));
    const others = r.shuffled(all).slice(0, OTHERS - 4);
    // Windows near the right one teach where exactly it ends.
    for (let i = 0; i < 4; i++) {
      const { w, h } = right.box;
      const shift = (): number => (r.integer(2) ? 1 : -1) * (0.15 + 0.35 * r.uniform());
      const box = { ...right.box, x: right.box.x + shift() * w, y: right.box.y + shift() * h };
      others.push({ image: right.image, box: inside(box, table.width, table.height) });
    }
    const wrong = others.filter(({ image, box }) => image !== right.image || overlap(box, right.box) < 0.8);
    sets.push([right, ...wrong].map((place) => look(scene, place)));
  }
  const weights = learnToPoint(sets);
  return (at) => {
    const scene = sceneOf(at);
    const score = (place: Place): number => product(weights, 0, look(scene, place), 0, WIDTH);
    const scored = scene.boxes
      .flatMap((boxes, image) => boxes.map((box) => ({ image, box })))
      .map((place) => ({ place, score: score(place) }))
      .sort((a, b) => b.score - a.score);
    const reached = scored.slice(0, 3).map(({ place }) => settle(scene, place, score));
    return reached.sort((a, b) => b.score - a.score)[0]?.place ?? null;
  };
}
