/**
 * RoT, Render-of-Thought (arXiv 2601.14750; docs/published-families.md §19.6): a fixed number of projected states between two
 * markers in the prompt. Facts from TencentBAC/RoT at 68fa3d1: models/cot_compressor.py `generate`, cot_compressor_v2.py (head).
 */
import { answersBy } from "../answers.ts";
import { rowsOrGroupMeans } from "../compress.ts";
import { inOrder, responseIn, tagged } from "../prompt.ts";
import { blockRules, latentCount, resolveId } from "../rules.ts";
import type { Family } from "../types.ts";

const [START, SLOT, END] = ["<img_begin>", "<img>", "<img_end>"] as const;

/** `--num_vision_tokens` of its README. */
const LATENTS = 32;

export const rot: Family = {
  name: "rot",
  dialect: "rot",
  tokens: [START, SLOT, END],
  configKeys: ({ k }) => ({ rot_latents: k }),
  detect: (config, idOf) => "rot_latents" in config || idOf(START) !== undefined,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "RoT", order: [START, SLOT, END], first: null };
    const id = (token: string): number => resolveId(sources, null, token);
    return blockRules(
      { startId: id(START), endId: id(END), padId: id(SLOT), k: latentCount(config, "rot_latents", LATENTS) },
      {
        eosEnds: true,
        placeholders: true,
        perSampleState: false,
        head: { kind: "swiglu", prefix: "projection_head", from: 0, replaces: "input" },
      },
    );
  },
  system: "You are a helpful assistant.",
  content: inOrder,
  tail: ({ k }) => START + SLOT.repeat(k) + END,
  response: responseIn({ before: "", after: "", open: "", close: "", answer: tagged }),
  ...answersBy("careful"),
  answerCue: "<answer>",
  pictures: { transparency: "drop", source: "none: RoT's questions have no images" },
  generation: { maxTokens: 64, sampling: "greedy; its evaluation compares numbers" },
  compress: rowsOrGroupMeans,
  oracleNote:
    "the features of the helper image, at most as many as a block has latents; training renders the reasoning as one line of an image",
};
