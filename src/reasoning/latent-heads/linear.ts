import { linear as linearLayer } from "../../nn/index.ts";
import { defineHead } from "./define.ts";

export const linear = defineHead({
  kind: "linear",
  options: {},
  tensors: (_options, { width }) => [
    ["proj.weight", [width, width]],
    ["proj.bias", [width]],
  ],
  initialize: (tensors) => tensors.identity("proj.weight"),
  predict: ({ parameter }, _options, hidden) =>
    linearLayer(parameter, "proj", hidden, hidden.shape.at(-1) as number, { bias: true }),
});
