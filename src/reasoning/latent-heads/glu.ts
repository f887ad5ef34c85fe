import { z } from "zod";
import { mul, silu, type Tensor } from "../../graph/index.ts";
import { linear, type ParameterSource } from "../../nn/index.ts";
import { defineHead, type TensorShapes } from "./define.ts";

/** down(silu(gate·x) ∘ up·x) + residual. */
export function gatedLayer(
  parameter: ParameterSource,
  prefix: string,
  x: Tensor,
  { hidden, out, residual }: { hidden: number; out: number; residual: Tensor },
): Tensor {
  const layer = (name: string) => linear(parameter, `${prefix}${name}`, x, hidden, { bias: true });
  return linear(parameter, `${prefix}down`, mul(silu(layer("gate")), layer("up")), out, { residual });
}

export const gatedTensors = (
  prefix: string,
  inputs: number,
  hidden: number,
  outputs: number,
): TensorShapes => [
  [`${prefix}gate.weight`, [hidden, inputs]],
  [`${prefix}gate.bias`, [hidden]],
  [`${prefix}up.weight`, [hidden, inputs]],
  [`${prefix}up.bias`, [hidden]],
  [`${prefix}down.weight`, [outputs, hidden]],
];

/** A gated layer, down(silu(gate) ∘ up), beside a linear one. */
export const glu = defineHead({
  kind: "glu",
  options: { hidden: z.int().positive() },
  tensors: ({ hidden }, { width }) => [
    ...gatedTensors("", width, hidden, width),
    ["proj.weight", [width, width]],
    ["proj.bias", [width]],
  ],
  initialize: (tensors) => {
    tensors.identity("proj.weight");
    for (const name of ["gate.weight", "up.weight", "down.weight"]) tensors.normal(name);
  },
  predict: ({ parameter }, options, hidden) => {
    const width = hidden.shape.at(-1) as number;
    const residual = linear(parameter, "proj", hidden, width, { bias: true });
    return gatedLayer(parameter, "", hidden, { hidden: options.hidden, out: width, residual });
  },
});
