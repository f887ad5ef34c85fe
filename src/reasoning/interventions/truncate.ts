import { asOwn, fixed, type Intervention } from "./types.ts";

export const truncate: Intervention = {
  description: "the first k own slots, then the end marker",
  source: "docs/science.md; arXiv 2606.05753",
  parameters: { k: { description: "slots that are kept", example: 1, min: 0, whole: true } },
  needs: ["split"],
  lacking: "no latents of its own",
  whole: true,
  plan: ({ own, width }, values) => {
    const k = values.k as number;
    if (own.length === 0) return null;
    if (own.every(({ length }) => length <= k * width)) return asOwn;
    if (k === 0) return { plan: { kind: "skip" }, from: "nothing" };
    return fixed(
      own.map((latents) => latents.slice(0, k * width)),
      `its first ${k} own slots`,
    );
  },
};
