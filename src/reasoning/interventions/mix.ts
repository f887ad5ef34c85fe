/** Interventions that change an example's own latents: permutations, mixtures with the oracle, noise, perturbations. */
import { fixed, forBlock, type Intervention, keepOwn, repeated } from "./types.ts";

const NO_OWN = "no latents of its own";

export const shuffle: Intervention = {
  description: "Permutes the own latents at random (with one slot per block this equals `own`).",
  role: "other control",
  source: "WM-VLM, September 2026",
  needs: ["split"],
  lacking: NO_OWN,
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

export const firstRepeat: Intervention = {
  description: "Repeats the first own latent in every slot of its block.",
  role: "other control",
  source: "arXiv 2605.21642",
  needs: ["split"],
  lacking: NO_OWN,
  plan: ({ own, width }) =>
    fixed(
      own.map((latents) => repeated(latents.subarray(0, width), latents.length / width)),
      "own slot 1, repeated",
    ),
};

export const blend: Intervention = {
  description: "Interpolates between own and oracle latents: (1 − a)·own + a·oracle.",
  role: "dose",
  source: "docs/science.md (dose–response)",
  parameters: { a: { description: "share of the oracle", example: 0.5, min: 0, max: 1 } },
  needs: ["split", "oracle"],
  lacking: "no latents of its own, or no helper image",
  plan: ({ own, oracle }, values) => {
    const a = values.a as number;
    if (own.length === 0 || oracle.length === 0) return null;
    // The ends of the curve equal `own` and `oracle` bit for bit.
    if (a === 0) return keepOwn;
    if (a === 1) return fixed(oracle, "oracles of its helper images");
    const blocks = own.map((latents, b) => {
      const towards = forBlock(oracle, b);
      // Slots that the oracle does not have stay the example's own.
      return latents.map((z, i) => (i < towards.length ? (1 - a) * z + a * towards[i]! : z));
    });
    return fixed(blocks, `${1 - a} of its own latents and ${a} of its oracles`);
  },
};

export const jitter: Intervention = {
  description:
    "Adds noise in proportion to the spread of own latents: own + s·σ·N(0, I), σ being their standard deviation over the split, per slot and dimension.",
  role: "dose",
  source: "docs/science.md (dose–response)",
  parameters: {
    s: { description: "size of the noise in standard deviations of own latents", example: 0.3, min: 0 },
  },
  needs: ["split"],
  lacking: NO_OWN,
  plan: ({ own, split: { ownDeviation }, random }, values) => {
    const s = values.s as number;
    if (own.length === 0 || ownDeviation.length === 0) return null;
    if (s === 0) return keepOwn;
    const blocks = own.map((latents, b) => {
      const deviation = forBlock(ownDeviation, b);
      return latents.map((z, i) => z + s * deviation[i]! * random.normal());
    });
    return fixed(blocks, `its own latents and noise of ${s} deviations`);
  },
};

export const noiseAdded: Intervention = {
  description: "Adds noise of a fixed size: own + s·N(0, I), whatever the scale of own latents.",
  role: "dose",
  source: "arXiv 2606.05753 (noise, σ ∈ {0.1, 0.3, 1})",
  parameters: { s: { description: "standard deviation of the noise", example: 0.3, min: 0 } },
  needs: ["split"],
  lacking: NO_OWN,
  plan: ({ own, random }, values) => {
    const s = values.s as number;
    if (own.length === 0) return null;
    if (s === 0) return keepOwn;
    return fixed(
      own.map((latents) => latents.map((z) => z + s * random.normal())),
      `its own latents and noise of deviation ${s}`,
    );
  },
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
  needs: ["split", "adversary"],
  lacking: "no latents that a gradient could be taken by",
  plan: ({ own, adversarial: found }, values) => {
    const e = values.e as number;
    if (e === 0 && own.length > 0) return keepOwn;
    return fixed(found.get(e) ?? [], `its own latents, moved by ${e} against its answer`);
  },
};

export const randomDirection: Intervention = {
  description: "Adds a random perturbation of exactly size e: the control of `adversarial`.",
  role: "dose",
  source: "white-box perturbation studies",
  parameters: { e: { description: "size of the perturbation, as of `adversarial`", example: 0.3, min: 0 } },
  needs: ["split"],
  lacking: NO_OWN,
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
