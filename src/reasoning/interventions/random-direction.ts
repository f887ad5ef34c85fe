import { asOwn, fixed, forBlock, type Intervention } from "./types.ts";

export const randomDirection: Intervention = {
  description: "own + a random perturbation of exactly size e: the control of `adversarial`",
  source: "white-box perturbation studies",
  parameters: { e: { description: "size of the perturbation, as of `adversarial`", example: 0.3, min: 0 } },
  needs: ["split"],
  lacking: "no latents of its own",
  plan: ({ own, split: { ownDeviation }, random }, values) => {
    const e = values.e as number;
    if (own.length === 0 || ownDeviation.length === 0) return null;
    if (e === 0) return asOwn;
    const directions = own.map((latents) => Float64Array.from(latents, () => random.normal()));
    const count = directions.reduce((n, d) => n + d.length, 0);
    const size = Math.sqrt(directions.reduce((sum, d) => sum + d.reduce((s, x) => s + x * x, 0), 0) / count);
    const blocks = own.map((latents, b) => {
      const deviation = forBlock(ownDeviation, b);
      return latents.map((z, i) => z + (e / size) * deviation[i]! * directions[b]![i]!);
    });
    return fixed(blocks, `its own latents, moved by ${e} in a random direction`);
  },
};
