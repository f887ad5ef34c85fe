import { asOwn, fixed, forBlock, type Intervention } from "./types.ts";

export const blend: Intervention = {
  description: "(1 − a)·own + a·oracle",
  source: "docs/science.md (dose–response)",
  parameters: { a: { description: "share of the oracle", example: 0.5, min: 0, max: 1 } },
  needs: ["split", "oracle"],
  lacking: "no latents of its own, or no helper image",
  plan: ({ own, oracle }, values) => {
    const a = values.a as number;
    if (own.length === 0 || oracle.length === 0) return null;
    // The ends of the curve are `own` and `oracle` themselves, bit for bit.
    if (a === 0) return asOwn;
    if (a === 1) return fixed(oracle, "oracles of its helper images");
    const blocks = own.map((latents, b) => {
      const towards = forBlock(oracle, b);
      // Slots that the oracle does not have stay the example's own.
      return latents.map((z, i) => (i < towards.length ? (1 - a) * z + a * towards[i]! : z));
    });
    return fixed(blocks, `${1 - a} of its own latents and ${a} of its oracles`);
  },
};
