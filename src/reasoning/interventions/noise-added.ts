import { asOwn, fixed, type Intervention } from "./types.ts";

export const noiseAdded: Intervention = {
  description: "own + s·N(0, I), whatever the size of own latents",
  source: "arXiv 2606.05753 (noise, σ ∈ {0.1, 0.3, 1})",
  parameters: { s: { description: "deviation of the noise", example: 0.3, min: 0 } },
  needs: ["split"],
  lacking: "no latents of its own",
  plan: ({ own, random }, values) => {
    const s = values.s as number;
    if (own.length === 0) return null;
    if (s === 0) return asOwn;
    return fixed(
      own.map((latents) => latents.map((z) => z + s * random.normal())),
      `its own latents and noise of deviation ${s}`,
    );
  },
};
