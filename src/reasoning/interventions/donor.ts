import { fixed, type Intervention } from "./types.ts";

export const donor: Intervention = {
  description: "own latents of a random example out of a pool of 64, slot by slot",
  source: "arXiv 2606.05753 (swap)",
  needs: ["split"],
  lacking: "no other example in the pool has latents",
  plan: ({ split, index, random }) => {
    const pool = split.pool.filter((i) => i !== index);
    if (pool.length === 0) return null;
    const from = random.pick(pool);
    return fixed(split.own[from]!, `own latents of example ${from}`);
  },
};
