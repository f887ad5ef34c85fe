import type { Intervention } from "./types.ts";

export const counterfactual: Intervention = {
  description: "the oracle of the helper that would make a given wrong option right",
  source: "arXiv 2603.25629 (latent-consistent)",
  needs: ["counterfactual"],
  lacking: "no helper that would make a wrong option right",
  plan: ({ counterfactual: options, random, example }) => {
    const possible = options.flatMap((blocks, i) => (blocks && blocks.length > 0 ? [i] : []));
    if (possible.length === 0) return null;
    const target = random.pick(possible);
    const from = `oracle of the helper of option ${JSON.stringify(example.options[target])}`;
    return { plan: { kind: "fixed", blocks: options[target]! }, from, target };
  },
};
