import { asOwn, fixed, forBlock, type Intervention } from "./types.ts";

export const jitter: Intervention = {
  description: "own + s·σ·N(0, I), σ the deviation of own latents over the split, per slot and dimension",
  source: "docs/science.md (dose–response)",
  parameters: { s: { description: "size of the noise in deviations", example: 0.3, min: 0 } },
  needs: ["split"],
  lacking: "no latents of its own",
  plan: ({ own, split: { ownDeviation }, random }, values) => {
    const s = values.s as number;
    if (own.length === 0 || ownDeviation.length === 0) return null;
    if (s === 0) return asOwn;
    const blocks = own.map((latents, b) => {
      const deviation = forBlock(ownDeviation, b);
      return latents.map((z, i) => z + s * deviation[i]! * random.normal());
    });
    return fixed(blocks, `its own latents and noise of ${s} deviations`);
  },
};
