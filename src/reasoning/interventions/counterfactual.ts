import type { Intervention } from "./types.ts";

export const counterfactual: Intervention = {
  description: "the oracle of the helper that would make a given wrong option right",
  source: "arXiv 2603.25629 (latent-consistent)",
  needs: ["counterfactual"],
  plan: ({ counterfactual: options, random }) => {
    const possible = options.flatMap((blocks, i) => (blocks && blocks.length > 0 ? [i] : []));
    if (possible.length === 0) return null;
    const target = random.pick(possible);
    return { plan: { kind: "fixed", blocks: options[target]! }, target };
  },
};
