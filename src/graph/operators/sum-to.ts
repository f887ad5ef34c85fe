import type { Shape } from "../dims.ts";
import type { Tensor } from "../tensor.ts";
import { reduceSum } from "./reduce-sum.ts";
import { reshape } from "./reshape.ts";

/** Sums `gradient` over the axes along which `like` was broadcast. */
export function sumTo(gradient: Tensor, like: { readonly shape: Shape }): Tensor {
  const extra = gradient.shape.length - like.shape.length;
  const axes: number[] = [];
  gradient.shape.forEach((dim, i) => {
    if (i < extra || (like.shape[i - extra] === 1 && dim !== 1)) axes.push(i);
  });
  if (axes.length === 0) return gradient;
  return reshape(reduceSum(gradient, axes, true), like.shape);
}
