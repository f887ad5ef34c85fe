/** How latents come to be what they are: their places on common axes at each evaluation of a training. */
import { toFloat32 } from "../formats/index.ts";
import { type Matrix, matrix, mean, rowDot } from "../numeric/index.ts";
import { readFollowed } from "../training/index.ts";
import { base64 } from "./base64.ts";
import { principalScores } from "./latents.ts";
import type { CourseContent } from "./types.ts";

/** Cosine of row i of x and row j of y. */
function cosine(x: Matrix, i: number, y: Matrix, j: number): number {
  const size = Math.sqrt(rowDot(x, i, x, i) * rowDot(y, j, y, j));
  return size > 0 ? rowDot(x, i, y, j) / size : 0;
}

/** Mean over all pairs of different rows. */
function betweenRows(x: Matrix): number | null {
  const all: number[] = [];
  for (let i = 0; i < x.n; i++) for (let j = 0; j < i; j++) all.push(cosine(x, i, x, j));
  return all.length > 0 ? mean(all) : null;
}

/**
 * The course of a training: latents as means over their slots.
 *
 * Errors: "input" for a damaged file.
 */
export async function courseContent(path: string): Promise<CourseContent> {
  const { examples, steps } = await readFollowed(path);
  const n = examples.length;
  const meansOf = (values: Float32Array, slots: number, width: number): Float64Array => {
    const out = new Float64Array(n * width);
    for (const [at, value] of values.entries()) {
      const i = Math.floor(at / (slots * width));
      out[i * width + (at % width)]! += value / slots;
    }
    return out;
  };
  const clouds = steps.map(({ own, oracle }) => {
    const [, slots = 1, width = 1] = own.shape;
    const of = [own, oracle].map((tensor) => meansOf(toFloat32(tensor), slots, width)) as [
      Float64Array,
      Float64Array,
    ];
    const there = Array.from({ length: n }, (_, i) =>
      of.every((values) => Number.isFinite(values[i * width])),
    );
    const pick = (values: Float64Array): Matrix => {
      const rows = there.flatMap((ok, i) => (ok ? [...values.subarray(i * width, (i + 1) * width)] : []));
      return matrix(Float64Array.from(rows), rows.length / width, width);
    };
    return { there, width, own: pick(of[0]), oracle: pick(of[1]) };
  });
  const width = clouds[0]?.width ?? 1;
  const parts = clouds.flatMap(({ own, oracle }) => [own, oracle]);
  const all = Float64Array.from(parts.flatMap(({ values }) => [...values]));
  const { scores, explained } = principalScores(matrix(all, all.length / width, width), 2);
  let at = 0;
  const take = (there: readonly boolean[]): string =>
    base64(
      Float32Array.from(
        there.flatMap((ok) => (ok ? [scores[at++]!, scores[at++]!] : [Number.NaN, Number.NaN])),
      ),
    );
  return {
    examples,
    explained,
    steps: clouds.map(({ there, own, oracle }, s) => ({
      step: steps[s]!.step,
      own: take(there),
      oracle: take(there),
      cosines: {
        own: betweenRows(own),
        oracle: betweenRows(oracle),
        paired: own.n > 0 ? mean(Array.from({ length: own.n }, (_, i) => cosine(own, i, oracle, i))) : null,
      },
    })),
  };
}
