import { fixed, type Intervention } from "./types.ts";

export const shuffle: Intervention = {
  description: "own slots in a random order (with one slot per block this is `own` itself)",
  source: "WM-VLM, September 2026",
  needs: ["split"],
  lacking: "no latents of its own",
  plan: ({ own, k, width, random }) => {
    const order = random.shuffled(Array.from({ length: k }, (_, i) => i));
    const blocks = own.map((latents) => {
      const out = new Float32Array(latents.length);
      const slots = latents.length / width;
      const each = slots === k ? order : random.shuffled(Array.from({ length: slots }, (_, i) => i));
      for (const [to, from] of each.entries()) {
        out.set(latents.subarray(from * width, (from + 1) * width), to * width);
      }
      return out;
    });
    return fixed(blocks, `own slots in the order ${order.map((slot) => slot + 1).join(", ")}`);
  },
};
