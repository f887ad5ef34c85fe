/** Mirage (arXiv 2506.17218; docs/published-families.md §3): at most 8 latents, counters are never reset. */
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { qwenUtils } from "./images.ts";
import { boxed, imagesFirst, responseIn } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { Family } from "./types.ts";

const PAD = "<|latent_pad|>";
export const START = "<|latent_start|>";
export const END = "<|latent_end|>";
const order = [PAD, START, END];
export const MARKERS = {
  start: ["latent_start_id", START],
  end: ["latent_end_id", END],
  pad: ["latent_token_id", PAD],
} as const;

/** A constant of its loop; `latent_size` only sets the number of training targets. */
const MOST = 8;
/** Latents per training target in the paper. */
const TARGETS = 4;

export const mirage: Family = {
  name: "mirage",
  dialect: "mirage",
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    latent_token_id: padId,
    latent_start_id: startId,
    latent_end_id: endId,
    latent_size: k,
    compress_strategy: "average",
    stage: "stage2",
  }),
  detect: (config) => "latent_token_id" in config && "compress_strategy" in config,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "Mirage", order };
    return blockRules(
      { ...blockIds(sources, MARKERS), k: MOST },
      {
        allowSampledEnd: true,
        startRestarts: true,
        perSampleState: false,
        counters: "text",
        oracleK: latentCount(config, "latent_size", TARGETS),
      },
    );
  },
  content: imagesFirst(),
  // `test.py` opens the assistant turn itself, without a line break
  generationPrompt: "<|im_start|>assistant",
  response: responseIn({ before: START, after: END, open: "", close: "", answer: boxed }),
  ...answersBy("mirage"),
  answerCue: "\\boxed{",
  pictures: { first: qwenUtils, transparency: "drop", source: "Mirage, src/test.py:55 and src/task.py" },
  generation: { maxTokens: 1024, sampling: "temperature 0.7, top_p 0.9" },
  compress: groupMeans,
};
