import {
  type Box,
  dotAt,
  type IntegralImage,
  integralImage,
  intersectionOverUnion,
  lbfgs,
  movedInside,
  sum,
} from "../numeric/index.ts";
import { random } from "../util/index.ts";
import {
  type CandidatePlace,
  type CandidateScene,
  featuresOf,
  LOOK_BYTES,
  likeness,
  lookAt,
  placeOf,
  WIDTH,
} from "./candidate-windows.ts";
import type { PreparedExample } from "./prepared-example.ts";

/**
 * The pointer predicts where the helper is in the input, from the input and the question alone. It is trained on
 * where helpers were found in other examples. What it points at is the best guess of the helper without the helper.
 */
export type Pointer = (row: number) => CandidatePlace | null;

/** Windows shown per training example besides the right one, and of these, this many beside the right one. */
const SHOWN = 20;
const BESIDE = 4;
/** Windows that look more alike than this cannot be distinguished from the right one. */
const ALIKE = 0.98;
/** Fewer examples teach no pointer. */
const FEWEST = 8;
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
      const scores = set.map((values) => dotAt(w, 0, values, 0, WIDTH));
      const most = Math.max(...scores);
      const exps = scores.map((each) => Math.exp(each - most));
      const total = sum(exps);
      loss -= Math.log(exps[0]! / total) / sets.length;
      for (const [j, values] of set.entries()) {
        const error = (exps[j]! / total - (j === 0 ? 1 : 0)) / sets.length;
        for (let i = 0; i < WIDTH; i++) gradient[i]! += error * values[i]!;
      }
    }
    return loss;
  };
  lbfgs(weights, objective, ITERATIONS);
  return weights;
}

/** Looks at places that are not among the candidates. */
function glance(
  scene: CandidateScene,
  tables: readonly IntegralImage[],
  { image, box }: CandidatePlace,
): Uint8Array {
  const bytes = new Uint8Array(LOOK_BYTES);
  lookAt(tables[image]!, box, scene.typical, bytes, 0);
  return bytes;
}

/**
 * Trains a pointer on the examples `rows`; null where too few of them (under 8) have a helper that was found. With
 * `blind` it does not read the question.
 */
export function trainPointer(
  cases: readonly PreparedExample[],
  scenes: readonly CandidateScene[],
  rows: readonly number[],
  blind: boolean,
  seed: number,
): Pointer | null {
  const r = random(seed, "pointer");
  const sets: Float32Array[][] = [];
  for (const row of rows) {
    const at = cases[row]!;
    const scene = scenes[row]!;
    const right = placeOf(at);
    if (!right) continue;
    const { width, height } = at.images[right.image]!.picture;
    right.box = movedInside(right.box, width, height);
    const tables = at.images.map(
      ({ picture }, i) => (i === right.image ? integralImage(picture) : null) as IntegralImage,
    );
    const features = (place: CandidatePlace, looks: Uint8Array, from: number): Float32Array => {
      const out = new Float32Array(WIDTH);
      featuresOf(scene, at.images, place, looks, from, blind, out);
      return out;
    };
    const own = glance(scene, tables, right);
    const set = [features(right, own, 0)];
    // Windows near the right one teach where exactly it ends.
    for (let i = 0; i < BESIDE; i++) {
      const { x, y, w, h } = right.box;
      const shift = (): number => (r.integer(2) ? 1 : -1) * (0.15 + 0.35 * r.uniform());
      const box = movedInside({ w, h, x: x + shift() * w, y: y + shift() * h }, width, height);
      const place = { image: right.image, box };
      if (intersectionOverUnion(box, right.box) < 0.8)
        set.push(features(place, glance(scene, tables, place), 0));
    }
    for (let tries = 0; set.length <= SHOWN && tries < 2 * SHOWN; tries++) {
      // Half of them from the end: there are the places of other examples, which are hardest to tell apart.
      const { length } = scene.candidates;
      const i = tries % 2 ? r.integer(length) : length - 1 - r.integer(Math.min(length, 64));
      const place = scene.candidates[i]!;
      if (place.image === right.image && intersectionOverUnion(place.box, right.box) >= 0.8) continue;
      if (likeness(own, 0, scene.looks, i * LOOK_BYTES) >= ALIKE) continue;
      set.push(features(place, scene.looks, i * LOOK_BYTES));
    }
    sets.push(set);
  }
  if (sets.length < FEWEST) return null;
  const weights = learnToPoint(sets);
  const buffer = new Float32Array(WIDTH);
  return (row) => {
    const scene = scenes[row]!;
    const { images } = cases[row]!;
    const score = (place: CandidatePlace, looks: Uint8Array, from: number): number => {
      featuresOf(scene, images, place, looks, from, blind, buffer);
      return dotAt(weights, 0, buffer, 0, WIDTH);
    };
    let best: { place: CandidatePlace; score: number } | null = null;
    for (const [i, place] of scene.candidates.entries()) {
      const reached = score(place, scene.looks, i * LOOK_BYTES);
      if (!best || reached > best.score) best = { place, score: reached };
    }
    if (!best) return null;
    const { image } = best.place;
    const { picture } = images[image]!;
    const tables = images.map((_, i) => (i === image ? integralImage(picture) : null) as IntegralImage);
    for (const step of [1 / 4, 1 / 8, 1 / 16]) {
      for (const [dx, dy] of [
        [-step, 0],
        [step, 0],
        [0, -step],
        [0, step],
      ] as const) {
        const box: Box = best.place.box;
        const moved: Box = { ...box, x: box.x + dx * box.w, y: box.y + dy * box.h };
        const place: CandidatePlace = { image, box: movedInside(moved, picture.width, picture.height) };
        const reached = score(place, glance(scene, tables, place), 0);
        if (reached > best.score) best = { place, score: reached };
      }
    }
    return best.place;
  };
}
