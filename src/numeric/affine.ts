import type { Matrix } from "./matrix.ts";

/**
 * Affine forms of one row: `into[o]` = bias + Σ weights[o, j] · values[from + j], each sum from the first term to the last.
 * Four sums run side by side, since one alone waits for each of its additions.
 *
 * @param weights - [outputs, d + 1]; the last of each row is its bias.
 *
 * @example
 * const into = new Float64Array(1);
 * affineForms(Float64Array.of(2, 3, 10), 1, 2, Float64Array.of(1, 1), 0, into);
 * into[0]; // 15
 */
export function affineForms(
  weights: Float64Array,
  outputs: number,
  d: number,
  values: Matrix["values"],
  from: number,
  into: Float64Array,
): void {
  const width = d + 1;
  let o = 0;
  for (; o + 3 < outputs; o += 4) {
    const [w0, w1, w2, w3] = [o * width, (o + 1) * width, (o + 2) * width, (o + 3) * width];
    let [s0, s1, s2, s3] = [weights[w0 + d]!, weights[w1 + d]!, weights[w2 + d]!, weights[w3 + d]!];
    for (let j = 0; j < d; j++) {
      const x = values[from + j]!;
      s0 += weights[w0 + j]! * x;
      s1 += weights[w1 + j]! * x;
      s2 += weights[w2 + j]! * x;
      s3 += weights[w3 + j]! * x;
    }
    into[o] = s0;
    into[o + 1] = s1;
    into[o + 2] = s2;
    into[o + 3] = s3;
  }
  for (; o < outputs; o++) {
    let sum = weights[o * width + d]!;
    for (let j = 0; j < d; j++) sum += weights[o * width + j]! * values[from + j]!;
    into[o] = sum;
  }
}
