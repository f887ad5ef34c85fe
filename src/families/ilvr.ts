/** ILVR (arXiv 2512.05665; docs/published-families.md §7): Mirage's tokens and loop, with counters reset in every block. */
import { answersBy } from "./answers.ts";
import { nearestRows } from "./compress.ts";
import { END, MARKERS, mirage, START } from "./mirage.ts";
import { imagesFirst, responseIn } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { Family } from "./types.ts";

const answer = (option: string): string => `Final answer: ${option}`;
const plain = responseIn({ before: START, after: END, open: "", close: "", answer });

/** Texts and blocks without separators, as its chat template joins the steps of a record. */
const response: Family["response"] = (example, latents) => {
  const { helpers, reasoning, options } = example;
  if (!latents || !reasoning || helpers.length === 0) return plain(example, latents);
  const blocks = helpers.flatMap((_, i) => [{ text: reasoning[i]! + START }, { latents: 1 }, { text: END }]);
  return [...blocks, { text: `${reasoning.at(-1)!} ${answer(options[example.answer]!)}` }];
};

export const ilvr: Family = {
  name: "ilvr",
  dialect: "ilvr",
  tokens: mirage.tokens,
  configKeys: mirage.configKeys,
  detect: mirage.detect,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "ILVR", order: mirage.tokens };
    return blockRules(
      { ...blockIds(sources, MARKERS), k: latentCount(config, "latent_size", 8) },
      { allowSampledEnd: true, startRestarts: true, perSampleState: false },
    );
  },
  content: imagesFirst(),
  response,
  ...answersBy("ilvr"),
  readsPrompt: true,
  answerCue: "Final answer:",
  pictures: { transparency: "drop", source: "ILVR, eval.py:145" },
  generation: { maxTokens: 4096, sampling: "greedy" },
  compress: nearestRows,
  selects: true,
  targets: "teacher",
  oracleNote:
    "rows are selected by the question and its images with the checkpoint's own vision tower; training selects by the hidden states of a teacher (--oracle-model)",
};
