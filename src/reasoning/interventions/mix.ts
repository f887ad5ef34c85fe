/** Interventions that change an example's own latents: permutations, mixtures with the oracle, noise. */
import { optionOf } from "../donors.ts";
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

export const sameQuestion: Intervention = {
  description:
    "Replaces the latents with those of an example that asks the same and has another right answer: the question stays, the image changes.",
  role: "counterfactual",
  source: "docs/published-families.md §19.3 (3); MMVP and V*",
  needs: ["split"],
  lacking: "no example with the same question and another right answer",
  plan: ({ split, index, example }) => {
    const donor = split.donors().same[index] ?? null;
    if (donor === null) return null;
    const target = optionOf(example, split.answers[donor]!);
    const planned = fixed(split.own[donor]!, `own latents of example ${donor}, which asks the same`);
    return planned && { ...planned, ...(target >= 0 && { target }) };
  },
};

export const matchedQuestion: Intervention = {
  description:
    "Replaces the latents with those of an example that asks something else, with as many options, of the same category and about the same length: the control of `same-question`.",
  role: "other control",
  source: "docs/published-families.md §19.3 (3)",
  needs: ["split"],
  lacking: "no example of another question with as many options, the same category and another answer",
  plan: ({ split, index }) => {
    const donor = split.donors().matched[index] ?? null;
    return donor === null ? null : fixed(split.own[donor]!, `own latents of example ${donor}`);
  },
};

export const questionMean: Intervention = {
  description:
    "Replaces the latents with the mean own latents of the examples that ask the same: the question without the image.",
  role: "other control",
  source: "docs/published-families.md §19.3 (3): B(q)",
  needs: ["split"],
  lacking: "no other example with the same question",
  plan: ({ split, index }) => fixed(split.donors().base[index] ?? [], "mean own latents of its question"),
};

export const questionResidual: Intervention = {
  description:
    "Adds to the mean own latents of the question what those of a matched example of another question have beyond the mean of theirs: the residual form.",
  role: "other control",
  source: "docs/published-families.md §19.3 (3): B(q) + (h − B)",
  needs: ["split"],
  lacking: "no matched example, or nobody else who asks the same as one of the two",
  plan: ({ split, index }) => {
    const { matched, base } = split.donors();
    const donor = matched[index] ?? null;
    const [mine, theirs] = [base[index] ?? [], donor === null ? [] : base[donor]!];
    if (donor === null || mine.length === 0 || theirs.length === 0) return null;
    const blocks = mine.map((center, b) => {
      const [latents, their] = [forBlock(split.own[donor]!, b), forBlock(theirs, b)];
      return center.map((x, i) =>
        i < Math.min(latents.length, their.length) ? x + latents[i]! - their[i]! : x,
      );
    });
    return fixed(
      blocks,
      `its question's mean, and what example ${donor} has beyond the mean of its question`,
    );
  },
};
