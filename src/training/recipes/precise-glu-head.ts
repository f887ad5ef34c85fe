import { defineRecipe } from "./define.ts";
import { precise } from "./precise.ts";

export const preciseGluHead = defineRecipe({
  ...precise,
  description: "precise with a gated linear unit as head, which predicts the latent itself",
  source: "ablation of `precise`: the vision tower’s merger behind the head",
  loss: { kind: "mse" },
  head: { kind: "glu", hidden: 1024 },
});
