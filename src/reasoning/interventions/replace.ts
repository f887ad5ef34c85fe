/** Interventions that put other vectors into the slots: references, controls and counterfactuals. */
import { optionOf } from "../donors.ts";
import { fixed, type Intervention, keepOwn, noiseAround, repeated } from "./types.ts";

const NO_OWN = "no latents of its own";
const NO_OWN_IN_SPLIT = "no example of the split has own latents";

export const own: Intervention = {
  description: "Feeds the model's own hidden states.",
  role: "reference",
  source: "the model's own decoding",
  plan: () => keepOwn,
};

export const oracle: Intervention = {
  description: "Feeds the compressed vision features of the right helper image.",
  role: "reference",
  source: "arXiv 2605.18445; arXiv 2603.25629",
  needs: ["oracle"],
  lacking: "no helper image",
  plan: ({ oracle: blocks }) => fixed(blocks, "oracles of its helper images"),
};

export const sham: Intervention = {
  description:
    "Feeds the recorded own latents again: an exchange of an example with itself, which must change nothing.",
  role: "other control",
  source: "ReaLVR (sham of the latent exchange)",
  needs: ["split"],
  lacking: NO_OWN,
  plan: ({ own: blocks }) => fixed(blocks, "its own recorded latents"),
};

export const oracleBudget: Intervention = {
  description:
    "Feeds the oracle compressed to k vectors, repeated to fill all slots: less content in the same number of tokens.",
  role: "dose",
  source: "arXiv 2605.21642 (oracle at a fixed token budget)",
  parameters: { k: { description: "number of different vectors", example: 1, min: 1, integer: true } },
  needs: ["oracle"],
  lacking: "no helper image",
  plan: ({ oracle: blocks, oracleOf, k: slots, width }, values) => {
    const k = values.k as number;
    if (k >= slots) return fixed(blocks, "oracles of its helper images");
    const repeatedBlocks = oracleOf(k).map((vectors) => {
      const out = new Float32Array(slots * width);
      // In raster order, like the oracle itself: the first vector fills the first slots.
      for (let slot = 0; slot < slots; slot++) {
        const from = Math.floor((slot * k) / slots);
        out.set(vectors.subarray(from * width, (from + 1) * width), slot * width);
      }
      return out;
    });
    return fixed(repeatedBlocks, `oracles of its helper images in ${k} vectors`);
  },
};

export const zeros: Intervention = {
  description: "Replaces every latent with the zero vector.",
  role: "content-free control",
  phrase: "zeros",
  source: "arXiv 2605.18445; arXiv 2603.25629; arXiv 2605.21642",
  plan: ({ k, width }) => fixed([new Float32Array(k * width)], "zeros"),
};

export const noise: Intervention = {
  description: "Replaces the latents with standard normal noise, N(0, I), whatever their norm.",
  role: "content-free control",
  phrase: "standard Gaussian noise",
  source: "arXiv 2605.18445; arXiv 2603.25629",
  plan: ({ k, width, random }) =>
    fixed([Float32Array.from({ length: k * width }, () => random.normal())], "N(0, I)"),
};

export const noiseMatched: Intervention = {
  description:
    "Replaces the latents with Gaussian noise that has the mean and variance of own latents over the split, per slot and dimension.",
  role: "in-distribution control",
  phrase: "Gaussian noise with the mean and variance of own latents",
  source: "arXiv 2605.21642",
  needs: ["split"],
  lacking: NO_OWN_IN_SPLIT,
  plan: ({ split: { ownMean, ownDeviation }, random }) =>
    fixed(
      ownMean.map((center, b) => noiseAround(center, ownDeviation[b]!, random)),
      "noise with the moments of the split's own latents",
    ),
};

export const mean: Intervention = {
  description: "Replaces each latent with the split's mean own latent in that slot.",
  role: "in-distribution control",
  phrase: "the mean own latents of the split",
  source: "arXiv 2602.22766 (one shared latent for all instances)",
  needs: ["split"],
  lacking: NO_OWN_IN_SPLIT,
  plan: ({ split }) => fixed(split.ownMean, "mean own latents of the split"),
};

export const otherOwn: Intervention = {
  description: "Replaces the latents with another example's own latents (a derangement of the split).",
  role: "in-distribution control",
  phrase: "the own latents of another example",
  source: "arXiv 2603.25629 (distractor)",
  needs: ["split"],
  lacking: "no latents of its own, or no other example with any",
  plan: ({ split, index }) => {
    const other = split.otherOwn[index] ?? null;
    return other === null ? null : fixed(split.own[other]!, `own latents of example ${other}`);
  },
};

export const meanOracle: Intervention = {
  description: "Replaces each latent with the split's mean oracle latent in that slot.",
  role: "other control",
  source: "control of `oracle`: its average without its content",
  needs: ["split"],
  lacking: "no example of the split has an oracle",
  plan: ({ split }) => fixed(split.oracleMean, "mean oracle latents of the split"),
};

export const otherOracle: Intervention = {
  description: "Replaces the latents with another example's oracle latents (a derangement of the split).",
  role: "other control",
  source: "arXiv 2603.25629 (distractor)",
  needs: ["split"],
  lacking: "no helper image, or no other example with one",
  plan: ({ split, index }) => {
    const other = split.otherOracle[index] ?? null;
    return other === null ? null : fixed(split.oracle[other]!, `oracles of example ${other}`);
  },
};

export const randomCropFeatures: Intervention = {
  description:
    "Replaces the latents with features of a random region of an input image, compressed like an oracle.",
  role: "other control",
  source: "arXiv 2605.18445",
  needs: ["crop"],
  lacking: "no image",
  plan: ({ crop }) => fixed(crop ? [crop] : [], "a random region of an input image"),
};

export const markerRepeat: Intervention = {
  description:
    "Replaces every latent with the embedding of the slots' placeholder token: as many pause tokens as latents.",
  role: "other control",
  source: "arXiv 2605.21642 (count-matched control)",
  plan: ({ k, pad }) => fixed([repeated(pad, k)], "embedding of the placeholder token"),
};

export const clamp: Intervention = {
  description:
    "Replaces every latent of every example with one constant vector: the mean own latent over slots and split.",
  role: "other control",
  source: "arXiv 2602.22766 (P(Y | do(Z)))",
  needs: ["split"],
  lacking: NO_OWN_IN_SPLIT,
  plan: ({ split: { ownVector }, k }) =>
    fixed(ownVector ? [repeated(ownVector, k)] : [], "mean own latent over slots and split"),
};

export const normMatched: Intervention = {
  description: "Replaces each own latent with a random direction of the same norm.",
  role: "other control",
  source: "Lintel (docs/published-families.md §15.1, caution 1)",
  needs: ["split"],
  lacking: NO_OWN,
  plan: ({ own: blocks, width, random }) =>
    fixed(
      blocks.map((latents) => {
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

export const donor: Intervention = {
  description: "Replaces the latents with own latents of a random example from a pool of 64.",
  role: "other control",
  source: "arXiv 2606.05753 (swap)",
  needs: ["split"],
  lacking: "no other example in the pool has latents",
  plan: ({ split, index, random }) => {
    const pool = split.pool.filter((i) => i !== index);
    if (pool.length === 0) return null;
    const from = random.pick(pool);
    return fixed(split.own[from]!, `own latents of example ${from}`);
  },
};

export const exchange: Intervention = {
  description:
    "Exchanges own latents with a partner example that has another right answer among this example's options.",
  role: "counterfactual",
  source: "ReaLVR (latent exchange)",
  needs: ["split"],
  lacking: "no partner with another right answer among its options",
  plan: ({ split, index, example }) => {
    const partner = split.partner[index] ?? null;
    if (partner === null) return null;
    const target = optionOf(example, split.answers[partner]!);
    const planned = fixed(split.own[partner]!, `own latents of example ${partner}`);
    return planned && target >= 0 ? { ...planned, target } : null;
  },
};

export const counterfactual: Intervention = {
  description: "Feeds the oracle of the helper image that would make a given wrong option right.",
  role: "counterfactual",
  source: "arXiv 2603.25629 (latent-consistent)",
  needs: ["counterfactual"],
  lacking: "no helper that would make a wrong option right",
  plan: ({ counterfactual: options, random, example }) => {
    const possible = options.flatMap((blocks, i) => (blocks && blocks.length > 0 ? [i] : []));
    if (possible.length === 0) return null;
    const target = random.pick(possible);
    const from = `oracle of the helper of option ${JSON.stringify(example.options[target])}`;
    return { plan: { kind: "fixed", blocks: options[target]! }, from, target };
  },
};
