import { add, div, mul, reduceMean, reduceSum, scalar, sqrt, sub, type Tensor } from "../../graph/index.ts";
import { defineLoss } from "./define.ts";

export const TINY = 1e-12;

/** Rows scaled to length 1. */
export function unitRows(x: Tensor): Tensor {
  const square = reduceSum(mul(x, x), [x.shape.length - 1], true);
  return div(x, sqrt(add(square, scalar(x, TINY))));
}

/** Mean of 1 − cosine between the rows of two matrices. */
export function cosineDistance(a: Tensor, b: Tensor): Tensor {
  const cosine = reduceMean(reduceSum(mul(unitRows(a), unitRows(b)), [1]), [0]);
  return sub(scalar(cosine, 1), cosine);
}

/** 1 − cosine (Mirage). */
export const cosine = defineLoss({
  kind: "cosine",
  options: {},
  loss: ({ predicted, wanted }) => cosineDistance(predicted(), wanted()),
});
