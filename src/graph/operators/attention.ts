import { ensure } from "../../util/index.ts";
import { type Attributes, applyAll, constant, type Operator, type Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { fusedMatMul, storedAs } from "./fused-mat-mul.ts";
import { mul } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { softmax } from "./softmax.ts";
import { sub } from "./sub.ts";
import { transpose } from "./transpose.ts";

/** [rows, B, heads, group, n] → [B, heads, group, rows, n], and back. */
const batchFirst = (x: Tensor): Tensor => transpose(x, [1, 2, 3, 0, 4]);
const rowsFirst = (x: Tensor): Tensor => transpose(x, [3, 0, 1, 2, 4]);

/**
 * softmax(α·Q·Kᵀ + mask)·V, head by head, of rows that stand token by token: q [Tq, B, kvHeads, group, d], k and v
 * [Tk, B, kvHeads, 1, d] (a group of query heads shares one key head), mask broadcasting to
 * [B, kvHeads, group, Tq, Tk]; the result is shaped like q.
 *
 * No kernel of its own: matrix products that read the rows in place, and a softmax. Its gradient is derived by hand:
 * the row sums that softmax's gradient needs, Σ dP∘P, are Σ dO∘O over the head's width (Dao et al. 2022,
 * arXiv 2205.14135, §3.1), which spares two passes over the scores.
 */
export const attention = (q: Tensor, k: Tensor, v: Tensor, mask: Tensor, alpha: number): Tensor =>
  applyAll(Attention, [q, k, v, mask], { alpha: { float: alpha } })[0]!;

const alphaOf = (attributes: Attributes): number => (attributes.alpha as { float: number }).float;

export const Attention: Operator = {
  name: "Attention",
  infer: ([q, k, v, mask]) => {
    const [Tq, ...rest] = q!.shape;
    const [B, heads, group, d] = rest;
    const Tk = k!.shape[0]!;
    const fits =
      q!.shape.length === 5 && [k!, v!].every((t) => t.shape.join() === [Tk, B, heads, 1, d].join());
    ensure(fits && mask!.shape.length === 5, "graph", () => ({
      where: "Attention",
      expected: "q [Tq, B, heads, group, d], k and v [Tk, B, heads, 1, d], a mask of rank 5",
      got: [q!, k!, v!, mask!].map(({ shape }) => `[${shape}]`).join(", "),
    }));
    return [
      { dtype: q!.dtype, shape: q!.shape },
      { dtype: q!.dtype, shape: [B!, heads!, group!, Tq!, Tk] },
    ];
  },
  kernel: false,
  compose: ([q, k, v, mask], attributes) => {
    const rows = { transBatchA: true, transBatchB: true, transB: true, alpha: alphaOf(attributes) };
    const weights = softmax(add(fusedMatMul(q!, k!, rows), mask!));
    return [rowsFirst(fusedMatMul(weights, v!, { transBatchB: true })), weights];
  },
  gradient: ({ inputs: [q, k, v], outputs: [o, weights], attributes, outputGradients: [g], needs }) => {
    const alpha = alphaOf(attributes);
    const dv = () => storedAs(fusedMatMul(weights!, g!, { transA: true, transBatchB: true }), v!, true);
    if (!needs[0] && !needs[1]) return [null, null, needs[2] ? dv() : null, null];
    const dWeights = fusedMatMul(g!, v!, { transBatchA: true, transBatchB: true, transB: true });
    const sums = batchFirst(reduceSum(mul(g!, o!), [-1], true));
    const dScores = mul(weights!, sub(dWeights, sums));
    return [
      needs[0] ? storedAs(fusedMatMul(dScores, k!, { transBatchB: true, alpha }), q!, true) : null,
      needs[1]
        ? storedAs(fusedMatMul(dScores, q!, { transA: true, transBatchB: true, alpha }), k!, true)
        : null,
      needs[2] ? dv() : null,
      null,
    ];
  },
  cases: (
    [
      ["one head", [2, 1, 1, 1, 3], 2],
      ["a batch", [3, 2, 2, 1, 4], 3],
      ["grouped queries", [2, 2, 2, 2, 3], 4],
      ["one token", [1, 1, 1, 1, 2], 1],
    ] as const
  ).map(([name, shape, keys]) => {
    const [Tq, B, heads, , d] = shape;
    const key = [keys, B, heads, 1, d];
    return {
      name,
      inputs: [{ shape }, { shape: key }, { shape: key }],
      build: (q, k, v) => {
        // The last query sees everything, the first all but the last key (if there is more than one).
        const hidden = Array.from({ length: Tq * keys }, (_, i) =>
          i === keys - 1 && Tq * keys > 1 ? -1e9 : 0,
        );
        const mask = constant(q!.graph, q!.dtype, [1, 1, 1, Tq, keys], hidden);
        return attention(q!, k!, v!, mask, 0.7);
      },
    };
  }),
};
