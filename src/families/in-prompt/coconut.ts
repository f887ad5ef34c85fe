/** Coconut (arXiv 2412.06769; docs/published-families.md §12): placeholders in the prompt that are replaced by hidden states one after the other. */
import { answersBy } from "../answers.ts";
import { groupMeans } from "../compress.ts";
import { inOrder, responseIn, tagged } from "../prompt.ts";
import { blockIds, blockRules, latentCount } from "../rules.ts";
import type { Family } from "../types.ts";

const START = "<|start-latent|>";
const END = "<|end-latent|>";
const SLOT = "<|latent|>";
const order = [START, END, SLOT];
const MARKERS = {
  start: ["coconut_start_id", START],
  end: ["coconut_end_id", END],
  pad: ["coconut_latent_id", SLOT],
} as const;

export const coconut: Family = {
  name: "coconut",
  dialect: "coconut",
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    coconut_start_id: startId,
    coconut_latent_id: padId,
    coconut_end_id: endId,
    coconut_latents: k,
  }),
  // IVT-LR adds the same tokens to Qwen2-VL
  detect: (config, idOf) =>
    "coconut_latents" in config || (config.model_type !== "qwen2_vl" && idOf(START) !== undefined),
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "Coconut", order, first: null };
    return blockRules(
      {
        ...blockIds(sources, MARKERS),
        // released runs end with 3 stages of 2 thoughts
        k: latentCount(config, "coconut_latents", 6),
      },
      { perSampleState: false, eosEnds: true, placeholders: true },
    );
  },
  content: inOrder,
  // dataset.py: the question, a line break, the latents
  plain: "\n",
  tail: ({ k }) => START + SLOT.repeat(k) + END,
  response: responseIn({ before: "", after: "", open: "", close: "", answer: tagged }),
  ...answersBy("coconut"),
  answerCue: "<answer>",
  pictures: { transparency: "drop", source: "none: Coconut has no images" },
  generation: { maxTokens: 64, sampling: "greedy" },
  compress: groupMeans,
};
