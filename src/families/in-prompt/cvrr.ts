/**
 * CVRR (arXiv 2609.06746; docs/published-families.md §19): states of the words of the prompt behind one layer, which is applied to
 * them again and again. Facts from dmis-lab/CVRR at 485639d: cvrr/modeling_cvrr.py (loop), evaluate.py (prompt, limit),
 * cvrr/benchmarks.py (instruction).
 */
import { answersBy } from "../answers.ts";
import { groupMeans } from "../compress.ts";
import { visualTokenBounds } from "../images.ts";
import { imagesFirst, responseIn } from "../prompt.ts";
import { blockRules, latentCount, resolveId } from "../rules.ts";
import type { Family } from "../types.ts";

const MARKS = [
  ["vision_start_token_id", "<|vision_start|>"],
  ["vision_end_token_id", "<|vision_end|>"],
  ["image_token_id", "<|image_pad|>"],
  ["video_token_id", "<|video_pad|>"],
] as const;
const INSTRUCTION = "\nAnswer with only the letter of the correct option.";
const answering = [imagesFirst(INSTRUCTION), imagesFirst()] as const;

const contents = [
  ...[
    "own",
    "sham",
    "zeros",
    "noise",
    "noise-matched",
    "norm-matched",
    "noise-added",
    "jitter",
    "mean",
    "clamp",
  ],
  ...["shuffle", "first-repeat", "other-own", "donor", "exchange", "same-question", "matched-question"],
  "question-mean",
];
const images = ["blank", "other", "noisy", "blurred", "cropped", "rotated"].map((kind) => `${kind}-image`);

export const cvrr: Family = {
  name: "cvrr",
  dialect: "cvrr",
  tokens: [],
  configKeys: () => ({ model_type: "cvrr_qwen2_5_vl" }),
  detect: ({ model_type: architecture }) => architecture === "cvrr_qwen2_5_vl",
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "CVRR", order: [], first: null };
    const apart = MARKS.map(([key, token]) => resolveId(sources, key, token));
    latentCount(config, "num_recurrent_steps", 4);
    return blockRules(
      { startId: null, endId: null, padId: apart[2]!, k: 1 },
      { forceEnd: false, placeholders: true, made: "branch", apart },
    );
  },
  // Where the question says itself how it is to be answered, as those of V* do, nothing is added.
  content: (example) => answering[/answer with/i.test(example.question) ? 1 : 0](example),
  response: (example) =>
    responseIn({ before: "", after: "", open: "", close: "", answer: (option) => option })(example, false),
  ...answersBy("careful"),
  answerCue: "assistant\n",
  pictures: {
    processor: visualTokenBounds(4, 8192),
    transparency: "drop",
    source: "CVRR, evaluate.py: the checkpoint's processor, at most 8192 visual tokens",
  },
  generation: { maxTokens: 32, repetitionPenalty: 1, sampling: "greedy" },
  compress: groupMeans,
  noOracle:
    "CVRR's latents are states of the words of the question: no features of an image are their target",
  controls: {
    offers: [...contents, "own-steps", "skip", "own@dropped", ...images, "image-twice"],
    why:
      "a block without its latents would leave no question to read, the answer never sees the image whatever the path, and there " +
      "is nothing that an oracle could be made of",
  },
};
