import { add, float32, input } from "../../graph/index.ts";
import { meanSquaredError } from "../../nn/index.ts";
import { cellSize } from "../../qwen/index.ts";
import { bothSides } from "../../reasoning/index.ts";
import { defineLoss } from "./define.ts";

/**
 * For a head in front of the merger: mean squared error of the merger's input (each element in units of its deviation over the training
 * oracles), plus that of its output.
 */
export const cells = defineLoss({
  kind: "cells",
  options: {},
  head: ["merger", "branch-merger"],
  inputs: ({ examples, set, slots }) => {
    const { width, rows } = set.cells!;
    const values = new Float32Array(slots * width);
    for (const [i, row] of examples.flatMap(({ sequence }) => [...sequence.oracle]).entries())
      values.set(rows.get(row)!, i * width);
    return { oracleCells: float32(values, [slots, width]) };
  },
  loss: ({ graph, dtype, head, headGraph, state, wanted }) => {
    const size = cellSize(headGraph.tower().vision);
    const groups = input(graph, "oracleCells", dtype, [state.shape[0]!, size]);
    const options = head as Extract<typeof head, { kind: "merger" | "branch-merger" }>;
    const hidden = options.kind === "merger" ? options.hidden : options.merger;
    const sides = bothSides(headGraph, { hidden }, state, groups);
    return add(meanSquaredError(sides.before, sides.wanted), meanSquaredError(sides.behind, wanted()));
  },
});
