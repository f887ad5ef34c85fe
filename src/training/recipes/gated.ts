import { precise } from "./precise.ts";
import { defineRecipe } from "./types.ts";

export const gated = defineRecipe({
  ...precise,
  description: "precise with a gated head that answers in the space of latents itself",
  source: "ablation of `precise`: the tower’s merger behind the head",
  loss: { kind: "mse" },
  head: { kind: "glu", hidden: 1024 },
});
