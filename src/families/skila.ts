/** SkiLa (arXiv 2512.16584; docs/published-families.md §8): latents until the model writes the end marker, at most twice the tokens of a sketch. */
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { qwenUtils } from "./images.ts";
import { imagesFirst, responseIn, tagged } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { Family } from "./types.ts";

const SLOT = "<|skila|>";
const START = "<|sketch_start|>";
const END = "<|sketch_end|>";
const order = [SLOT, START, END];
const MARKERS = {
  start: ["sketch_start_id", START],
  end: ["sketch_end_id", END],
  pad: ["skila_id", SLOT],
} as const;

export const skila: Family = {
  name: "skila",
  dialect: "skila",
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    skila_id: padId,
    sketch_start_id: startId,
    sketch_end_id: endId,
    sketch_token_num: Math.ceil(k / 2),
  }),
  detect: (config) => "skila_id" in config || "sketch_token_num" in config,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "SkiLa", order };
    // tokens of a sketch in training; the loop allows twice as many
    const oracleK = latentCount(config, "sketch_token_num", 27);
    return blockRules(
      { ...blockIds(sources, MARKERS), k: 2 * oracleK },
      { entry: "input", allowSampledEnd: true, oracleK },
    );
  },
  system: "You are a helpful assistant.",
  content: imagesFirst(),
  response: responseIn({ before: START, after: END, open: "", close: "", answer: tagged }),
  ...answersBy("vlmevalkit"),
  answerCue: "<answer>",
  pictures: {
    first: qwenUtils,
    transparency: "white",
    source: "VLMEvalKit, with bounds in an unpublished configuration; training uses 128 … 5120 · 28²",
  },
  generation: { maxTokens: 2048, sampling: "VLMEvalKit's; the evaluation code is not in the repository" },
  compress: groupMeans,
  targets: "sketch",
  noOracle:
    "SkiLa's targets are SigLIP2 features through a projection that released checkpoints lack; use a training checkpoint and --oracle-model with SigLIP2",
};
