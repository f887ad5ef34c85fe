import { fixed, type Intervention, repeated } from "./types.ts";

export const firstRepeat: Intervention = {
  description: "own slot 1 in every slot of its block",
  source: "arXiv 2605.21642",
  needs: ["split"],
  lacking: "no latents of its own",
  plan: ({ own, width }) =>
    fixed(
      own.map((latents) => repeated(latents.subarray(0, width), latents.length / width)),
      "own slot 1, repeated",
    ),
};
