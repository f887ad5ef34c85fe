import type { Suite } from "./types.ts";

export const markers: Suite = {
  title: "what is due to the slots, to their markers, and to the format?",
  source: "Beyond Visual Memory, arXiv 2606.01287",
  interventions: ["own", "no-markers", "skip", "slots-only", "marker-repeat", "zeros", "other-own"],
  analyses: ["decomposition"],
};
