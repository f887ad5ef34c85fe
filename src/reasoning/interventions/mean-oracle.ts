import { fixed, type Intervention } from "./types.ts";

export const meanOracle: Intervention = {
  description: "the split's mean oracle latent, per slot",
  source: "control of `oracle`: its average without its content",
  needs: ["split", "oracle"],
  plan: ({ split }) => fixed(split.oracleMean),
};
