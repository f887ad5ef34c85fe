/** What the app shows of latents: projection, nearest oracles, cosines and spectra, for the mean over slots and per slot. */

import { createHash } from "node:crypto";
import { readSafetensors, readSafetensorsHeader, toFloat32 } from "../formats/index.ts";
import {
  centered,
  type Matrix,
  matrix,
  rowDot,
  selectRows,
  smallGram,
  symmetricEigenvalues,
  unitRows,
} from "../numeric/index.ts";
import { LintelError } from "../util/index.ts";
import { base64 } from "./base64.ts";
import { type LatentsContent, type LatentView, NEAREST } from "./types.ts";

/** Examples that are drawn at most: the nearest oracles of all are searched among all. */
const DRAWN = 1500;
/** Components that a projection by UMAP starts from. */
const COMPONENTS = 24;
/** Rows of the cosine matrix, and of a spectrum. */
const MATRIX = 96;
const SPECTRUM = 512;
const ITERATIONS = 40;
/** Slots that have a view of their own. */
const SLOTS = 16;

/** The scores of the rows on their first principal components, by orthogonal iteration from a fixed start. */
export function principalScores(
  x: Matrix,
  components: number,
): { scores: Float32Array; explained: number[] } {
  const { n, d } = x;
  const middle = centered(x);
  const count = Math.min(components, d);
  const scores = new Float32Array(n * count);
  if (!middle) return { scores, explained: new Array<number>(count).fill(0) };
  const axes = Array.from({ length: count }, (_, c) =>
    Float64Array.from(
      { length: d },
      (_, j) => Math.sin((j + 1) * (c + 1) * 12.9898) + (j % count === c ? 1 : 0),
    ),
  );
  const project = (axis: Float64Array): Float64Array => {
    const out = new Float64Array(n);
    const m = { n: 1, d, values: axis };
    for (let i = 0; i < n; i++) out[i] = rowDot(middle, i, m, 0);
    return out;
  };
  for (let step = 0; step < ITERATIONS; step++) {
    for (const [c, axis] of axes.entries()) {
      const along = project(axis);
      const next = new Float64Array(d);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < d; j++) next[j]! += middle.values[i * d + j]! * along[i]!;
      for (const other of axes.slice(0, c)) {
        const overlap = other.reduce((sum, value, j) => sum + value * next[j]!, 0);
        for (let j = 0; j < d; j++) next[j]! -= overlap * other[j]!;
      }
      const norm = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
      axes[c] = norm > 1e-12 * middle.squares ? next.map((value) => value / norm) : new Float64Array(d);
    }
  }
  const explained = axes.map((axis, c) => {
    const largest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    const along = project(axis);
    for (let i = 0; i < n; i++) scores[i * count + c] = along[i]! * (largest < 0 ? -1 : 1);
    return along.reduce((sum, value) => sum + value * value, 0) / middle.squares;
  });
  return { scores, explained };
}

/** Singular values of the centered rows, relative to the largest. */
function spectrum(x: Matrix): number[] {
  const rows = Array.from({ length: Math.min(x.n, SPECTRUM) }, (_, i) => i);
  const middle = centered(selectRows(x, rows));
  if (!middle) return [];
  const gram = smallGram(middle);
  const values = Array.from(symmetricEigenvalues(gram.values, gram.size), (value) =>
    Math.sqrt(Math.max(0, value)),
  );
  return values.map((value) => value / values[0]!).slice(0, 128);
}

/** One entry per row: the same number for rows of equal content. */
function contentNumbers(x: Matrix): number[] {
  const numbers = new Map<string, number>();
  return Array.from({ length: x.n }, (_, i) => {
    const row = x.values.subarray(i * x.d, (i + 1) * x.d);
    const digest = createHash("sha256")
      .update(new Uint8Array(Float64Array.from(row, (v) => v + 0).buffer))
      .digest("hex");
    if (!numbers.has(digest)) numbers.set(digest, numbers.size);
    return numbers.get(digest)!;
  });
}

function viewOf(name: string, own: Matrix, oracle: Matrix): LatentView {
  const { n, d } = own;
  const both = new Float64Array(2 * n * d);
  both.set(own.values);
  both.set(oracle.values, n * d);
  const { scores, explained } = principalScores({ n: 2 * n, d, values: both }, COMPONENTS);
  const components = explained.length;
  const unit = (x: Matrix): Matrix => {
    const values = Float64Array.from(x.values);
    for (let i = 0; i < x.n; i++) {
      const norm = Math.sqrt(rowDot(x, i, x, i)) || 1;
      for (let j = i * d; j < (i + 1) * d; j++) values[j]! /= norm;
    }
    return unitRows(x).unit ?? { ...x, values };
  };
  const [ownUnit, oracleUnit] = [unit(own), unit(oracle)];
  // Oracles of equal content are one entry of the gallery, as in `retrieval` of an audit.
  const numbers = contentNumbers(oracle);
  const gallery = [
    ...new Map(numbers.map((number, row) => [number, row] as const).reverse()).values(),
  ].reverse();
  const most = Math.min(NEAREST, gallery.length);
  const nearest = new Uint16Array(n * NEAREST).fill(0xffff);
  const cosines = new Float32Array(n * NEAREST);
  const [ranks, paired] = [new Uint16Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) {
    const found = gallery.map((row) => ({ row, cosine: rowDot(ownUnit, i, oracleUnit, row) }));
    const right = found.find(({ row }) => numbers[row] === numbers[i])!;
    paired[i] = rowDot(ownUnit, i, oracleUnit, i);
    ranks[i] = 1 + found.filter(({ cosine }) => cosine > right.cosine).length;
    found.sort((a, b) => b.cosine - a.cosine);
    for (const [at, { row, cosine }] of found.slice(0, most).entries()) {
      // Where the right content is found, its own example stands for it.
      nearest[i * NEAREST + at] = numbers[row] === numbers[i] ? i : row;
      cosines[i * NEAREST + at] = cosine;
    }
  }
  const size = Math.min(n, MATRIX);
  const products = (x: Matrix, y: Matrix): string =>
    base64(
      Float32Array.from({ length: size * size }, (_, at) => rowDot(x, Math.floor(at / size), y, at % size)),
    );
  return {
    name,
    own: base64(scores.subarray(0, n * components)),
    oracle: base64(scores.subarray(n * components)),
    components,
    explained,
    spectra: { own: spectrum(own), oracle: spectrum(oracle) },
    nearest: base64(nearest),
    cosines: base64(cosines),
    ranks: base64(ranks),
    paired: base64(paired),
    matrix: {
      size,
      ownOwn: products(ownUnit, ownUnit),
      ownOracle: products(ownUnit, oracleUnit),
      oracleOracle: products(oracleUnit, oracleUnit),
    },
  };
}

/** Population standard deviation of each of `size` numbers over some rows. */
function deviationOf(values: Float32Array, rows: readonly number[], size: number): Float32Array {
  const [total, squares] = [new Float64Array(size), new Float64Array(size)];
  for (const i of rows) for (let j = 0; j < size; j++) total[j]! += values[i * size + j]! / rows.length;
  for (const i of rows)
    for (let j = 0; j < size; j++) squares[j]! += (values[i * size + j]! - total[j]!) ** 2 / rows.length;
  return Float32Array.from(squares, Math.sqrt);
}

/**
 * Latents of an audit whose outcomes have these ids in order.
 *
 * Errors: "input" for a file without own and oracle latents of one shape, or of other examples.
 */
export async function latentsContent(path: string, ids: readonly string[]): Promise<LatentsContent> {
  const { tensors, metadata } = await readSafetensorsHeader(path);
  const wrong = (got: string): LintelError =>
    new LintelError("input", {
      where: path,
      expected: "own and oracle latents of one shape, of the examples of the outcomes",
      got,
    });
  if (!tensors.has("own") || !tensors.has("oracle")) throw wrong("only one of the two");
  const read = await readSafetensors(path, [
    "own",
    "oracle",
    ...["hasOwn", "hasOracle"].filter((name) => tensors.has(name)),
  ]);
  const [own, oracle] = [read.get("own")!, read.get("oracle")!];
  if (own.shape.length !== 3 || own.shape.join() !== oracle.shape.join())
    throw wrong(`the shapes [${own.shape.join(", ")}] and [${oracle.shape.join(", ")}]`);
  const [n, slots, width] = own.shape as [number, number, number];
  const named = JSON.parse(metadata.get("examples") ?? "[]") as string[];
  const place = new Map(ids.map((id, row) => [id, row]));
  const [ownValues, oracleValues] = [toFloat32(own), toFloat32(oracle)];
  const flag = (name: string, i: number): boolean => !read.has(name) || Number(read.get(name)!.data[i]) !== 0;
  const finite = (values: Float32Array, i: number): boolean =>
    values.subarray(i * slots * width, (i + 1) * slots * width).every(Number.isFinite);
  const usable = Array.from({ length: n }, (_, i) => i).filter(
    (i) =>
      flag("hasOwn", i) &&
      flag("hasOracle", i) &&
      place.has(named[i]!) &&
      finite(ownValues, i) &&
      finite(oracleValues, i),
  );
  const drawn = usable.slice(0, DRAWN);
  const notes: string[] = [];
  if (usable.length > DRAWN) notes.push(`The first ${DRAWN} of ${usable.length} examples are shown.`);
  if (usable.length < n)
    notes.push(`${n - usable.length} of ${n} examples have no own latents or no oracle.`);
  const deviation = base64(deviationOf(ownValues, usable, slots * width));
  if (drawn.length < 2) return { rows: [], slots, width, views: [], deviation, notes };
  const of = (values: Float32Array, from: number, to: number): Matrix => {
    const out = new Float64Array(drawn.length * width);
    for (const [r, i] of drawn.entries())
      for (let k = from; k < to; k++)
        for (let j = 0; j < width; j++)
          out[r * width + j]! += values[(i * slots + k) * width + j]! / (to - from);
    return matrix(out, drawn.length, width);
  };
  const views = [
    viewOf(slots > 1 ? "mean over slots" : "slot 1", of(ownValues, 0, slots), of(oracleValues, 0, slots)),
  ];
  if (slots > 1)
    for (let k = 0; k < Math.min(slots, SLOTS); k++)
      views.push(viewOf(`slot ${k + 1}`, of(ownValues, k, k + 1), of(oracleValues, k, k + 1)));
  return { rows: drawn.map((i) => place.get(named[i]!)!), slots, width, views, deviation, notes };
}
