import { fixed, type Intervention } from "./types.ts";

export const meanOracle: Intervention = {
  description: "the split's mean oracle latent, per slot",
  source: "control of `oracle`: its average without its content",
  needs: ["split"],
  lacking: "no example of the split has an oracle",
  plan: ({ split }) => fixed(split.oracleMean, "mean oracle latents of the split"),
};
