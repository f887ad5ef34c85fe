import { constant, plainStage, type Slots } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

const slots: Slots = { kind: "own", share: constant(1), gradient: false, passes: "one" };

const policy = (name: "gaussian" | "von-mises-fisher", source: string) =>
  defineRecipe({
    description:
      `latents are drawn around the model's own (${name}) and rewarded with the probability of the right reply; no oracle is ` +
      "read: for checkpoints that were trained with oracles (base)",
    source,
    loss: { kind: "policy-gradient", policy: name, spread: 0.5, samples: 8 },
    latentWeight: 1,
    stages: [{ ...plainStage, slots }],
  });

export const policyGaussian = policy("gaussian", "after Monet's VLPO, arXiv 2511.21395");
export const policyFisher = policy("von-mises-fisher", "after HyLaR's DePO, arXiv 2604.20328");
