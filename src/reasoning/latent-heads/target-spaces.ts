/** Target spaces: where a head predicts and the loss compares; fed vectors are taken back to the space of image features. */
import { z } from "zod";
import { add, div, gemm, mul, sub, type Tensor } from "../../graph/index.ts";
import type { TensorShapes } from "./define.ts";
import { moments } from "./moments.ts";
import { whitening } from "./whitening.ts";

interface TargetSpaceRecord {
  /** Fitted tensors. */
  buffers(width: number): TensorShapes;
  into(latents: Tensor, buffer: (name: string) => Tensor): Tensor;
  outOf(latents: Tensor, buffer: (name: string) => Tensor): Tensor;
  fit(oracles: Float32Array, width: number, view: (name: string) => Float32Array): void;
  /** Element `d` of `row` in the space, as the graph computes it. */
  element(row: Float32Array, d: number, view: (name: string) => Float32Array): number;
}

const raw: TargetSpaceRecord = {
  buffers: () => [],
  into: (latents) => latents,
  outOf: (latents) => latents,
  fit: () => undefined,
  element: (row, d) => row[d]!,
};

const standardized: TargetSpaceRecord = {
  buffers: (width) => [
    ["mean", [width]],
    ["scale", [width]],
  ],
  into: (latents, buffer) => div(sub(latents, buffer("mean")), buffer("scale")),
  outOf: (latents, buffer) => add(mul(latents, buffer("scale")), buffer("mean")),
  fit: (oracles, width, view) => {
    const { mean, scale } = moments(oracles, width);
    view("mean").set(mean);
    view("scale").set(scale);
  },
  element: (row, d, view) => (row[d]! - view("mean")[d]!) / view("scale")[d]!,
};

const whitened: TargetSpaceRecord = {
  buffers: (width) => [
    ["mean", [width]],
    ["whiten", [width, width]],
    ["colour", [width, width]],
  ],
  into: (latents, buffer) => gemm(sub(latents, buffer("mean")), buffer("whiten"), { transB: true }),
  outOf: (latents, buffer) => gemm(latents, buffer("colour"), { transB: true, bias: buffer("mean") }),
  fit: (oracles, width, view) => {
    const { mean } = moments(oracles, width);
    const { whiten, coloring } = whitening(oracles, width, mean);
    view("mean").set(mean);
    view("whiten").set(whiten);
    view("colour").set(coloring);
  },
  element: (row, d, view) => {
    const [whiten, mean] = [view("whiten"), view("mean")];
    let sum = 0;
    for (let e = 0; e <= d; e++) sum += whiten[d * row.length + e]! * (row[e]! - mean[e]!);
    return sum;
  },
};

export const targetSpaces = { raw, standardised: standardized, whitened };

export const targetSpaceSchema = z.strictObject({
  kind: z.enum(Object.keys(targetSpaces) as [keyof typeof targetSpaces]),
});

export type TargetSpace = z.infer<typeof targetSpaceSchema>;

/** Rows [n, width] of the features' space in the target space. */
export function rowsInSpace(
  { kind }: TargetSpace,
  rows: Float32Array,
  width: number,
  view: (name: string) => Float32Array,
): Float32Array {
  const { element } = targetSpaces[kind];
  const out = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i += width) {
    const row = rows.subarray(i, i + width);
    for (let d = 0; d < width; d++) out[i + d] = element(row, d, view);
  }
  return out;
}
