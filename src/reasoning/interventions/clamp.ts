import { fixed, type Intervention, repeated } from "./types.ts";

export const clamp: Intervention = {
  description: "one constant vector in every slot of every example: the mean own latent over slots and split",
  source: "arXiv 2602.22766 (P(Y | do(Z)))",
  needs: ["split"],
  lacking: "no example of the split has latents of its own",
  plan: ({ split: { ownVector }, k }) =>
    fixed(ownVector ? [repeated(ownVector, k)] : [], "mean own latent over slots and split"),
};
