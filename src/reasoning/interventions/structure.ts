/** Interventions on the form of the block: its markers, its length, or text in its place. */
import type { BlockRules } from "../../families/index.ts";
import { fixed, type Intervention, keepOwn, repeated } from "./types.ts";

const NO_OWN = "no latents of its own";

export const skip: Intervention = {
  description: "Leaves the block empty: the start marker is followed by the end marker.",
  role: "structural control",
  source: "arXiv 2605.18445; arXiv 2603.25629",
  changesForm: true,
  plan: () => ({ plan: { kind: "skip" }, from: "nothing" }),
};

export const noMarkers: Intervention = {
  description:
    "Suppresses the start marker, so that no block is opened and text goes on (the latent channel disabled).",
  role: "structural control",
  source: "arXiv 2606.01287",
  changesForm: true,
  plan: () => ({ plan: { kind: "suppressed" }, from: "nothing" }),
};

export const slotsOnly: Intervention = {
  description: "Feeds own latents without the two markers.",
  role: "structural control",
  source: "arXiv 2606.01287",
  needs: ["split"],
  lacking: NO_OWN,
  changesForm: true,
  plan: ({ own: blocks }) =>
    blocks.length === 0
      ? null
      : { plan: { kind: "fixed", blocks, bare: true }, from: "its own recorded latents" },
};

export const filler: Intervention = {
  description:
    "Replaces the block with as many ordinary text tokens (the prompt's last) as it has slots, without markers: a matched token budget.",
  role: "structural control",
  source: "arXiv 2605.21642 (matched token budget)",
  changesForm: true,
  plan: ({ filler: token, k }) => ({
    plan: { kind: "fixed", blocks: [repeated(token, k)], bare: true },
    from: "embedding of the prompt's last token",
  }),
};

/**
 * Number of decoder passes that own blocks take: one for each latent, and one for each marker that is fed with them.
 *
 * @example
 * passesOf([new Float32Array(4)], 2, blockRules({ startId: 1, padId: 2, endId: 3, k: 2 })); // 4
 */
export function passesOf(own: readonly Float32Array[], width: number, rules: BlockRules): number {
  const { startId, endId, startUsesHidden, forceEnd, allowSampledEnd } = rules;
  const start = startId !== null && !startUsesHidden ? 1 : 0;
  const end = endId !== null && (forceEnd || allowSampledEnd) ? 1 : 0;
  return own.reduce((sum, latents) => sum + latents.length / width + start + end, 0);
}

export const matchedText: Intervention = {
  description:
    "Replaces the block with words of the model's choice, as many as its blocks take decoder passes, before the answer may begin.",
  role: "structural control",
  source: "docs/published-families.md §15.8 (compute-matched text)",
  needs: ["split"],
  lacking: "no own latents whose passes could be matched",
  changesForm: true,
  plan: ({ own, width, rules }) => {
    const words = passesOf(own, width, rules);
    return words > 0 ? { plan: { kind: "suppressed", words }, from: `${words} generated words` } : null;
  },
};

export const truncate: Intervention = {
  description: "Keeps the first k own latents of each block, followed by the end marker.",
  role: "dose",
  source: "docs/science.md; arXiv 2606.05753",
  parameters: { k: { description: "number of slots that are kept", example: 1, min: 0, integer: true } },
  needs: ["split"],
  lacking: NO_OWN,
  changesForm: true,
  plan: ({ own, width }, values) => {
    const k = values.k as number;
    if (own.length === 0) return null;
    if (own.every(({ length }) => length <= k * width)) return keepOwn;
    if (k === 0) return { plan: { kind: "skip" }, from: "nothing" };
    return fixed(
      own.map((latents) => latents.slice(0, k * width)),
      `its first ${k} own slots`,
    );
  },
};

export const ownSteps: Intervention = {
  description:
    "Runs the model's own loop for k latents per block, fewer or more than it was trained with; 0 leaves only the markers. Of a loop over depth (cvrr), k is the number of steps.",
  role: "dose",
  source: "ReaLVR (K from 0 to 20)",
  parameters: {
    k: { description: "number of latents per block", example: 4, min: 0, max: 1024, integer: true },
  },
  needs: ["split"],
  lacking: "no latents of its own, or blocks whose length is no count that could be another",
  changesForm: true,
  plan: ({ own, rules }, values) => {
    const k = values.k as number;
    const { bounded, stop, static: tokens, placeholders, made, apart } = rules;
    if (apart && own.length > 0 && k > 0)
      return { plan: { kind: "own", depth: k }, from: `its own states after ${k} steps` };
    // Such blocks are ended by the model or by a learned vector, are part of the prompt, or come as a whole.
    if (own.length === 0 || !bounded || stop || tokens || placeholders || made) return null;
    if (k === 0) return { plan: { kind: "skip" }, from: "nothing" };
    return { plan: { kind: "own", steps: k }, from: `its own hidden states, ${k} in each block` };
  },
};
