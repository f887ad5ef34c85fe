/** Interventions that move latents by a given distance: along the gradient of the answer, or in a random direction. */
import { fixed, forBlock, type Intervention, keepOwn } from "./types.ts";

const NO_GRADIENT = "no latents that a gradient could be taken by";
const SIZE = { description: "size of the perturbation, as of `adversarial`", min: 0 };

/** The plan of a search that starts from own latents. */
const moved =
  (base: string, where: string): Intervention["plan"] =>
  ({ own, searched }, values) => {
    const e = values.e as number;
    if (e === 0 && own.length > 0) return keepOwn;
    return fixed(searched.get(`${base}(${e})`) ?? [], `its own latents, moved by ${e} ${where}`);
  };

export const adversarial: Intervention = {
  description:
    "Adds the perturbation of size e that lowers the log-odds of the model's own answer most (projected gradient).",
  role: "dose",
  source: "white-box perturbation studies",
  parameters: {
    e: {
      description:
        "size of the perturbation: root mean square in units of the standard deviation of own latents",
      example: 0.3,
      min: 0,
    },
  },
  needs: ["split"],
  search: { goal: "against the model's answer", start: "own" },
  lacking: NO_GRADIENT,
  plan: moved("adversarial", "against its answer"),
};

export const randomDirection: Intervention = {
  description: "Adds a random perturbation of exactly size e: the control of `adversarial`.",
  role: "dose",
  source: "white-box perturbation studies",
  parameters: { e: { ...SIZE, example: 0.3 } },
  needs: ["split"],
  lacking: "no latents of its own",
  plan: ({ own, split: { ownDeviation }, random }, values) => {
    const e = values.e as number;
    if (own.length === 0 || ownDeviation.length === 0) return null;
    if (e === 0) return keepOwn;
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

export const optimized: Intervention = {
  description:
    "Adds the perturbation of size e that raises the log-odds of the right answer most (projected gradient): what latents of this size could do for the answer.",
  role: "dose",
  source: "docs/published-families.md §19.3 (12); ULR, arXiv 2605.02735",
  parameters: { e: { ...SIZE, example: 1 } },
  needs: ["split"],
  search: { goal: "towards the right answer", start: "own" },
  lacking: NO_GRADIENT,
  plan: moved("optimized", "towards the right answer"),
};

export const optimizedNoise: Intervention = {
  description:
    "Starts from noise as of `noise-matched` and adds the perturbation of size e that raises the log-odds of the right answer most: the control of `optimized`, without anything of the model's own latents.",
  role: "dose",
  source: "docs/published-families.md §19.3 (12)",
  parameters: { e: { ...SIZE, example: 1 } },
  needs: ["split"],
  search: { goal: "towards the right answer", start: "noise-matched" },
  lacking: NO_GRADIENT,
  plan: ({ searched }, values) =>
    fixed(
      searched.get(`optimized-noise(${values.e})`) ?? [],
      `noise with the moments of own latents, moved by ${values.e} towards the right answer`,
    ),
};
