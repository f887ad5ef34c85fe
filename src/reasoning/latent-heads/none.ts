import { defineHead } from "./define.ts";

/** The hidden state itself (Coconut, LanteRn, Mirage, Monet). */
export const none = defineHead({
  kind: "none",
  options: {},
  tensors: () => [],
  predict: (_graph, _options, hidden) => hidden,
});
