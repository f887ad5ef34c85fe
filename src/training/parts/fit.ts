/** CompatibilityCheck what a head and a target space take from the training oracles: means, scales, codes. */

import type { ParameterStore } from "../../nn/index.ts";
import { sum } from "../../numeric/index.ts";
import { type Feedback, PREFIX } from "../../reasoning/index.ts";
import { random } from "../../util/index.ts";
import type { TrainingSet } from "../sequences.ts";
import { nearestCode, partsOf, pickCodes } from "./k-means.ts";
import { whitening } from "./whitening.ts";

/** Dimensions that hardly vary are not blown up beyond this share of the mean deviation. */
const LEAST_SCALE = 0.05;

/** Different oracle latents of a training set, [n, width]. */
export function distinctOracles({ sequences, table, width }: TrainingSet): Float32Array {
  const rows = [...new Set(sequences.flatMap(({ oracle }) => [...oracle]))].sort((a, b) => a - b);
  const out = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) out.set(table.subarray(row * width, (row + 1) * width), i * width);
  return out;
}

/**
 * Mean and standard deviation of each column, the latter at least a twentieth of their quadratic mean.
 *
 * @example
 * moments(Float32Array.of(1, 5, 3, 5), 2).mean; // Float64Array [2, 5]
 */
export function moments(rows: Float32Array, width: number): { mean: Float64Array; scale: Float64Array } {
  const n = rows.length / width;
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / n;
  for (let i = 0; i < rows.length; i++) scale[i % width]! += (rows[i]! - mean[i % width]!) ** 2 / n;
  const total = Math.sqrt(sum(scale) / width) || 1;
  for (let d = 0; d < width; d++) scale[d] = Math.max(Math.sqrt(scale[d]!), LEAST_SCALE * total);
  return { mean, scale };
}

/** Oracles in the target space, as the graph would put them there. */
function inSpace(
  buffers: ParameterStore,
  { space }: Feedback,
  rows: Float32Array,
  width: number,
): Float32Array {
  const view = (name: string) => buffers.views.get(`${PREFIX}${name}`)!;
  const n = rows.length / width;
  const out = new Float32Array(rows.length);
  for (let i = 0; i < n; i++) {
    for (let d = 0; d < width; d++) {
      const at = i * width + d;
      if (space.kind === "raw") out[at] = rows[at]!;
      else if (space.kind === "standardised") out[at] = (rows[at]! - view("mean")[d]!) / view("scale")[d]!;
      else {
        let sum = 0;
        for (let e = 0; e <= d; e++)
          sum += view("whiten")[d * width + e]! * (rows[i * width + e]! - view("mean")[e]!);
        out[at] = sum;
      }
    }
  }
  return out;
}

/**
 * Fills the fitted tensors of a head and a space from the oracles of a training set. With a codebook, gives the code of
 * every row of the set's table, group by group.
 */
export function fitBuffers(
  buffers: ParameterStore,
  feedback: Feedback,
  set: TrainingSet,
  seed: number,
): Int32Array | null {
  const { head, space } = feedback;
  const { width } = set;
  const view = (name: string) => buffers.views.get(`${PREFIX}${name}`)!;
  const oracles = distinctOracles(set);
  if (space.kind !== "raw") {
    const { mean, scale } = moments(oracles, width);
    view("mean").set(mean);
    if (space.kind === "standardised") view("scale").set(scale);
    else {
      const { whiten, colour } = whitening(oracles, width, mean);
      view("whiten").set(whiten);
      view("colour").set(colour);
    }
  }
  if (head.kind === "merger") {
    const { width: size, rows } = set.cells!;
    const all = new Float32Array(rows.size * size);
    for (const [i, cells] of [...rows.values()].entries()) all.set(cells, i * size);
    const { mean, scale } = moments(all, size);
    view("cells.mean").set(mean);
    view("cells.scale").set(scale);
  }
  if (head.kind === "flow") {
    const r = random(seed, "initialize", `${PREFIX}start`);
    view("start").set(Float32Array.from({ length: width }, () => r.normal()));
  }
  if (head.kind !== "codebook") return null;
  const size = width / head.groups;
  const codes = view("codes");
  const known = partsOf(inSpace(buffers, feedback, oracles, width), width, head.groups);
  for (const [g, rows] of known.entries()) {
    const picked = pickCodes(rows, size, head.codes, random(seed, "initialize", `${PREFIX}codes`, g));
    codes.set(picked, g * head.codes * size);
  }
  const all = partsOf(inSpace(buffers, feedback, set.table, width), width, head.groups);
  const of = new Int32Array((set.table.length / width) * head.groups);
  for (const [g, rows] of all.entries()) {
    const book = codes.subarray(g * head.codes * size, (g + 1) * head.codes * size);
    for (let i = 0; i < rows.length / size; i++) {
      of[i * head.groups + g] = nearestCode(book, size, rows.subarray(i * size, (i + 1) * size));
    }
  }
  return of;
}
