/** The base model without latents: no blocks. */
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { qwenUtils } from "./images.ts";
import { imagesFirst, responseIn, tagged } from "./prompt.ts";
import { blockRules } from "./rules.ts";
import type { Family } from "./types.ts";

export const base: Family = {
  name: "base",
  dialect: "base",
  tokens: [],
  configKeys: () => ({}),
  // never detected: selected by name only
  detect: () => false,
  rules: () => blockRules({ startId: null, endId: null, padId: 0, k: 1 }, { forceEnd: false }),
  content: imagesFirst(),
  response: (example) =>
    responseIn({ before: "", after: "", open: "", close: "", answer: tagged })(example, false),
  ...answersBy("vlmevalkit"),
  answerCue: "<answer>",
  pictures: {
    first: qwenUtils,
    transparency: "white",
    source: "the model card of Qwen2.5-VL, which reads images with qwen_vl_utils",
  },
  generation: { maxTokens: 512, sampling: "greedy" },
  compress: groupMeans,
  noOracle: "a model without latents has no slots for an oracle",
};
