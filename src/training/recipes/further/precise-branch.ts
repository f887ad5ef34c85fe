import { defineRecipe } from "../define.ts";
import { precise } from "../precise.ts";

export const preciseBranch = defineRecipe({
  ...precise,
  description:
    "as `precise` with WM-VLM’s branch instead of the head in front of the merger: latents start from the features of the " +
    "question’s first image; the decoder is trained along from the first step",
  source: "Lintel, docs/frontier.md; the branch is WM-VLM’s, arXiv 2609.34826",
  loss: { kind: "mse" },
  head: { kind: "branch", layers: 2, placement: "middle", hidden: 768, startImage: 0 },
});
