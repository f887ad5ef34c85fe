import { z } from "zod";
import { silu } from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { defineHead } from "./define.ts";

/** Two layers with SiLU; LVR's "simple" head has as many, with GELU. */
export const mlp = defineHead({
  kind: "mlp",
  options: { hidden: z.int().positive() },
  tensors: ({ hidden }, { width }) => [
    ["up.weight", [hidden, width]],
    ["up.bias", [hidden]],
    ["proj.weight", [width, hidden]],
    ["proj.bias", [width]],
  ],
  initialize: (tensors) => {
    tensors.normal("up.weight");
    tensors.normal("proj.weight");
  },
  predict: ({ parameter }, options, hidden) => {
    const inner = silu(linear(parameter, "up", hidden, options.hidden, { bias: true }));
    return linear(parameter, "proj", inner, hidden.shape.at(-1) as number, { bias: true });
  },
});
