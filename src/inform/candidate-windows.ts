import {
  type Box,
  type IntegralImage,
  integralImage,
  intersectionOverUnion,
  movedInside,
  thumbnail,
} from "../numeric/index.ts";
import type { Match } from "./match.ts";
import type { PreparedExample } from "./prepared-example.ts";
import type { Words } from "./question-words.ts";
import { centered } from "./template.ts";

/** A rectangle of an image, in pixels of what is kept of it. */
export interface CandidatePlace {
  image: number;
  box: Box;
}

/** Windows of all sizes per example, and how many sizes and places of other examples there may be. */
const MOST = 240;
const SIZES = 3;
const USUAL = 64;
/** Words of the question that the look of a window is crossed with. */
const CROSSED = 16;
const IMAGES = 12;
const CELLS = 4;

const inner = 6;
const around = 4;
/** Squares about a window, as multiples of its sides: what is between one and the next is a ring, such as a frame. */
const squares = [0.7, 0.85, 0.95, 1, 1.04, 1.08, 1.12, 1.18, 1.25, 1.4, 1.6] as const;
const crossed = 8;
const dims = {
  window: inner * inner * 3,
  context: around * around * 3,
  odd: 3 * 3 * 3,
  rings: (squares.length - 1) * 3,
};
/** Bytes of a look, and numbers of the features made of one. */
const BYTES = dims.window + dims.context + dims.odd + dims.rings;
export const WIDTH = BYTES + IMAGES + CELLS * CELLS + CROSSED * crossed;

/** The windows of an example that a pointer chooses among, and their looks. */
export interface CandidateScene {
  candidates: CandidatePlace[];
  /** [candidates × BYTES]. */
  looks: Uint8Array;
  /** The usual color of each of 3 × 3 cells, which windows are compared with. */
  typical: Float32Array;
  /** Numbers of the question's words that are crossed. */
  words: number[];
}

/** The place of the last helper's match in what is kept of the image. */
export const placeOf = (at: PreparedExample): CandidatePlace | null =>
  placed(at, at.transformed?.at(-1)?.match ?? at.matches.at(-1) ?? null);

/** The place of what is new in the last helper, where the rest of it is as in the input. */
export const newPlaceOf = (at: PreparedExample): CandidatePlace | null =>
  placed(at, at.transformed ? null : at.novel);

function placed(at: PreparedExample, match: Match | null): CandidatePlace | null {
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

/** Mean colors of the rings about a window, [rings × 3]; white where a ring is outside of the picture. */
function rings(table: IntegralImage, box: Box): Float32Array {
  const out = new Float32Array(dims.rings).fill(255);
  let before: { area: number; sums: number[] } | null = null;
  for (const [k, factor] of squares.entries()) {
    const [w, h] = [box.w * factor, box.h * factor];
    const [x, y] = [box.x + (box.w - w) / 2, box.y + (box.h - h) / 2];
    const [left, top] = [Math.max(0, x), Math.max(0, y)];
    const [right, bottom] = [Math.min(table.width, x + w), Math.min(table.height, y + h)];
    const area = (right - left) * (bottom - top);
    const square = { x: left, y: top, w: right - left, h: bottom - top };
    const sums = [...thumbnail(table, square, 1, 1)].map((mean) => mean * area);
    if (before && area - before.area > 1e-6) {
      for (let c = 0; c < 3; c++) out[3 * (k - 1) + c] = (sums[c]! - before.sums[c]!) / (area - before.area);
    }
    before = { area, sums };
  }
  return out;
}

/** Bytes of what a window shows, what is around it, how it differs from the others, and its rings. */
export function lookAt(
  table: IntegralImage,
  box: Box,
  typical: Float32Array,
  out: Uint8Array,
  start: number,
): void {
  let at = start;
  for (const value of thumbnail(table, box, inner, inner)) out[at++] = value;
  const wide = { x: box.x - 0.3 * box.w, y: box.y - 0.3 * box.h, w: 1.6 * box.w, h: 1.6 * box.h };
  for (const value of thumbnail(table, movedInside(wide, table.width, table.height), around, around))
    out[at++] = value;
  const odd = thumbnail(table, box, 3, 3);
  for (let i = 0; i < dims.odd; i++) out[at++] = Math.abs(odd[i]! - typical[i]!);
  for (const value of rings(table, box)) out[at++] = value;
}

/** Weight of each byte: every kind of look counts alike, rings and oddness a little more. */
const scales = Float32Array.from({ length: BYTES }, (_, i) => {
  const { window, context, odd, rings: ring } = dims;
  if (i < window) return 2 / Math.sqrt(window);
  if (i < window + context) return 2 / Math.sqrt(context);
  return i < window + context + odd ? 3 / Math.sqrt(odd) : 4 / Math.sqrt(ring);
});

/**
 * The features of a look: its bytes about their middle, image and place as cells, and (unless `blind`) the question's
 * words crossed with the window's color and place.
 */
export function featuresOf(
  scene: CandidateScene,
  images: PreparedExample["images"],
  { image, box }: CandidatePlace,
  looks: Uint8Array,
  from: number,
  blind: boolean,
  out: Float32Array,
): void {
  out.fill(0);
  for (let i = 0; i < BYTES; i++) out[i] = (looks[from + i]! / 255 - 0.5) * scales[i]!;
  let at = BYTES;
  out[at + Math.min(image, IMAGES - 1)] = 1;
  at += IMAGES;
  const { width, height } = images[image]!.picture;
  const x = width > box.w ? box.x / (width - box.w) : 0.5;
  const y = height > box.h ? box.y / (height - box.h) : 0.5;
  soft(x, y, CELLS, out, at);
  at += CELLS * CELLS;
  if (blind || scene.words.length === 0) return;
  const middle = from + 3 * (inner * (inner >> 1) + (inner >> 1));
  const color = [0, 1, 2].map((c) => looks[middle + c]! / 255);
  const brief = [...color, x, y, box.w / width, box.h / height, 1];
  const share = 1 / Math.sqrt(scene.words.length * crossed);
  for (const word of scene.words) {
    for (let i = 0; i < crossed; i++) out[at + word * crossed + i] = brief[i]! * share;
  }
}

/** A lattice of windows of one size, half a window apart or wider. */
function lattice(table: IntegralImage, w: number, h: number, most: number): Box[] {
  const size = movedInside({ x: 0, y: 0, w, h }, table.width, table.height);
  const room = { x: table.width - size.w, y: table.height - size.h };
  let across = Math.ceil(room.x / (size.w / 2) - 1e-6) + 1;
  let down = Math.ceil(room.y / (size.h / 2) - 1e-6) + 1;
  const shrink = Math.sqrt(Math.min(1, most / (across * down)));
  across = Math.max(1, Math.round(across * shrink));
  down = Math.max(1, Math.round(down * shrink));
  return Array.from({ length: across * down }, (_, i) => ({
    ...size,
    x: across > 1 ? (room.x * (i % across)) / (across - 1) : room.x / 2,
    y: down > 1 ? (room.y * Math.floor(i / across)) / (down - 1) : room.y / 2,
  }));
}

/** Up to three sizes, as shares of the longer side of an image, that windows of training examples have. */
function sizesOf(cases: readonly PreparedExample[]): { w: number; h: number }[] {
  const seen = cases.flatMap((at) => {
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
    const known = chosen.some(
      (other) => intersectionOverUnion({ x: 0, y: 0, ...size }, { x: 0, y: 0, ...other }) > 0.7,
    );
    if (!known) chosen.push(size);
  }
  return chosen;
}

/** A place as shares of its image's sides. */
interface WindowShare extends Box {
  image: number;
}

function shareOf(at: PreparedExample): WindowShare | null {
  const place = placeOf(at);
  if (!place) return null;
  const { width, height } = at.images[place.image]!.picture;
  const { x, y, w, h } = place.box;
  return { image: place.image, x: x / width, y: y / height, w: w / width, h: h / height };
}

const cellOf = ({ image, x, y, w, h }: WindowShare): string =>
  [image, ...[x, y, w, h].map((value) => Math.round(32 * value))].join();

const everyCell = Int32Array.from({ length: inner * inner }, (_, i) => i);

/**
 * Correlation of what two windows show.
 *
 * @param looks - Bytes of looks.
 */
export function likeness(looks: Uint8Array, a: number, others: Uint8Array, b: number): number {
  const part = (bytes: Uint8Array, from: number) =>
    centered(Float32Array.from(bytes.subarray(from, from + dims.window)), everyCell);
  const [one, other] = [part(looks, a), part(others, b)];
  let sum = 0;
  for (let i = 0; i < one.values.length; i++) sum += one.values[i]! * other.values[i]!;
  return sum / Math.sqrt(one.power * other.power || 1);
}

/**
 * The windows of all examples, looked at once: a lattice of the sizes that helpers have, and the places where helpers
 * are in other examples (never one that only the example itself has).
 */
export function scenesOf(cases: readonly PreparedExample[], words: Words): CandidateScene[] {
  const sizes = sizesOf(cases);
  const usual = new Map<string, { share: WindowShare; count: number }>();
  for (const share of cases.map(shareOf)) {
    if (!share) continue;
    const known = usual.get(cellOf(share));
    usual.set(cellOf(share), { share, count: (known?.count ?? 0) + 1 });
  }
  const common = [...usual.entries()].sort(([, a], [, b]) => b.count - a.count).slice(0, USUAL);
  return cases.map((at) => {
    const tables = at.images.map(({ picture }) => integralImage(picture));
    const own = shareOf(at);
    const key = own && cellOf(own);
    const places = common.flatMap(([cell, { share, count }]): CandidatePlace[] => {
      const table = tables[share.image];
      if (!table || (cell === key && count === 1)) return [];
      const { width, height } = table;
      const box = { x: share.x * width, y: share.y * height, w: share.w * width, h: share.h * height };
      return [{ image: share.image, box: movedInside(box, width, height) }];
    });
    const most = MOST / Math.max(1, tables.length * sizes.length);
    const candidates = [
      ...tables.flatMap((table, image) => {
        const longest = Math.max(table.width, table.height);
        const boxes = sizes.flatMap(({ w, h }) => lattice(table, w * longest, h * longest, most));
        return boxes.map((box) => ({ image, box }));
      }),
      ...places,
    ];
    const typical = typicalOf(tables, candidates);
    const looks = new Uint8Array(candidates.length * BYTES);
    for (const [i, { image, box }] of candidates.entries())
      lookAt(tables[image]!, box, typical, looks, i * BYTES);
    return { candidates, looks, typical, words: words.numbers(at.question).filter((word) => word < CROSSED) };
  });
}

function typicalOf(tables: readonly IntegralImage[], candidates: readonly CandidatePlace[]): Float32Array {
  const all = candidates.map(({ image, box }) => thumbnail(tables[image]!, box, 3, 3));
  return Float32Array.from({ length: dims.odd }, (_, k) => {
    const sorted = Float32Array.from(all, (each) => each[k]!).sort();
    return sorted[sorted.length >> 1] ?? 0;
  });
}

/** Bytes of one look. */
export const LOOK_BYTES = BYTES;
