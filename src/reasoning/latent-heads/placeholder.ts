import { z } from "zod";
import { defineHead } from "./define.ts";

/** Standard deviation of the elements, about that of token embeddings in a matching start. */
const DEVIATION = 0.6;

/** Learned vectors instead of hidden states: one for all slots (pause tokens) or one for each (LIVR). */
export const placeholder = defineHead({
  kind: "placeholder",
  options: { distinct: z.boolean() },
  tensors: ({ distinct }, { width, k }) => [["vectors", [distinct ? k : 1, width]]],
  initialize: (tensors) => tensors.normal("vectors", DEVIATION),
  predict: (_graph, _options, hidden) => hidden,
  slotVectors: ({ distinct }, { k }) => (distinct ? k : 1),
});
