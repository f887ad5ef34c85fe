import { fixed, type Intervention } from "./types.ts";

export const normMatched: Intervention = {
  description: "a random direction with the norm of the own latent, slot by slot",
  source: "ours (docs/published-families.md §15.1, caution 1)",
  needs: ["split"],
  lacking: "no latents of its own",
  plan: ({ own, width, random }) =>
    fixed(
      own.map((latents) => {
        const out = Float32Array.from(latents, () => random.normal());
        for (let at = 0; at < out.length; at += width) {
          const scale =
            Math.hypot(...latents.subarray(at, at + width)) / Math.hypot(...out.subarray(at, at + width));
          for (let i = at; i < at + width; i++) out[i]! *= scale;
        }
        return out;
      }),
      "random directions with the norms of its own latents",
    ),
};
