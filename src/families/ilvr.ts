/** ILVR (arXiv 2512.05665; FAMILIES.md §7): Mirage's tokens and loop, with counters reset in every block. */
import { finalAnswer } from "./answers.ts";
import { nearestRows } from "./compress.ts";
import { END, mirage, PAD, START } from "./mirage.ts";
import { imagesFirst, responseIn } from "./prompt.ts";
import { blockRules, latentCount, resolveId } from "./rules.ts";
import type { Family } from "./types.ts";

export const ilvr: Family = {
  name: "ilvr",
  dialect: "ilvr",
  tokens: mirage.tokens,
  configKeys: mirage.configKeys,
  detect: mirage.detect,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "ILVR", order: mirage.tokens };
    return blockRules(
      {
        startId: resolveId(sources, "latent_start_id", START),
        endId: resolveId(sources, "latent_end_id", END),
        padId: resolveId(sources, "latent_token_id", PAD),
        k: latentCount(config, "latent_size", 8),
      },
      { allowSampledEnd: true, startRestarts: true, perSampleState: false },
    );
  },
  content: imagesFirst(),
  response: responseIn({
    before: START,
    after: END,
    open: "",
    close: "",
    answer: (option) => `Final answer: ${option}`,
  }),
  readAnswer: finalAnswer,
  readsPrompt: true,
  answerCue: "Final answer:",
  generation: { maxTokens: 4096, sampling: "greedy" },
  compress: nearestRows,
  selects: true,
  oracleNote:
    "selected by the question and its images with the checkpoint's own vision tower; the training's teacher, its hidden states of the preceding text and earlier selections are not in a checkpoint",
};
