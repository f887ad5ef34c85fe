import { defineRecipe } from "../define.ts";

export const textState = defineRecipe({
  description: "no latents: the model writes in words what the last helper image shows, then the answer",
  source: "the text arm of WM-VLM (arXiv 2609.34826), which writes the state of the puzzle",
  latents: false,
  latentWeight: null,
  rationale: "state",
});
