import { fixed, type Intervention } from "./types.ts";

export const oracleBudget: Intervention = {
  description:
    "the oracle compressed to k vectors, repeated to fill all slots: less content in the same number of tokens",
  source: "arXiv 2605.21642 (oracle at a fixed token budget)",
  parameters: { k: { description: "different vectors", example: 1, min: 1, whole: true } },
  needs: ["oracle"],
  lacking: "no helper image",
  plan: ({ oracle, oracleOf, k: all, width }, values) => {
    const k = values.k as number;
    if (k >= all) return fixed(oracle, "oracles of its helper images");
    const blocks = oracleOf(k).map((vectors) => {
      const out = new Float32Array(all * width);
      // In raster order, like the oracle itself: the first vector fills the first slots.
      for (let slot = 0; slot < all; slot++) {
        const from = Math.floor((slot * k) / all);
        out.set(vectors.subarray(from * width, (from + 1) * width), slot * width);
      }
      return out;
    });
    return fixed(blocks, `oracles of its helper images in ${k} vectors`);
  },
};
