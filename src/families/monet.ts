/** Monet (arXiv 2511.21395; docs/published-families.md §4): its patched vLLM feeds back a hidden state from the start marker on. */
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { qwenUtils, visualTokenBounds } from "./images.ts";
import { boxed, imagesFirst, responseIn } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { BlockRules, Family } from "./types.ts";

const PAD = "<abs_vis_token_pad>";
const START = "<abs_vis_token>";
const END = "</abs_vis_token>";
const order = [PAD, START, END, "<observation>", "</observation>"];
const MARKERS = {
  start: ["latent_start_id", START],
  end: ["latent_end_id", END],
  pad: ["latent_token_id", PAD],
} as const;

/** The released evaluation's `LATENT_SIZE`. */
const SIZE = 10;

const withLoop = (dialect: string, loop: Partial<BlockRules>): Family => ({
  name: "monet",
  dialect,
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    latent_token_id: padId,
    latent_start_id: startId,
    latent_end_id: endId,
    latent_size: k,
    answer_start_pattern: [],
  }),
  detect: (config, idOf) => "answer_start_pattern" in config || idOf(START) !== undefined,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "Monet", order };
    return blockRules(
      { ...blockIds(sources, MARKERS), k: latentCount(config, "latent_size", SIZE) },
      { allowSampledEnd: true, ...loop },
    );
  },
  content: imagesFirst("\nPut your final answer in \\boxed{}."),
  response: responseIn({ before: START, after: END, open: "", close: "", answer: boxed }),
  ...answersBy("vlmevalkit"),
  answerCue: "\\boxed{",
  pictures: {
    processor: visualTokenBounds(256, 8192),
    first: qwenUtils,
    transparency: "white",
    source: "Monet, inference/load_and_gen_vllm.py:31-52, 85",
  },
  generation: {
    maxTokens: 4096,
    repetitionPenalty: 1.01,
    sampling: "temperature 0.1, top_k 50, top_p 0.8; a judge model reads the answer",
  },
  compress: groupMeans,
  oracleNote:
    "Monet's latents have no target vectors; group means of the helper image, as in LanteRn, are used instead",
});

const vllm = withLoop("monet-vllm", {
  startUsesHidden: true,
  kIncludesStart: true,
  recordSampled: true,
  eosEnds: true,
});
/** Mirage's transformers loop over the same weights, which the maintainers confirm to work. */
const transformers = withLoop("monet-transformers", {
  k: 8,
  startRestarts: true,
  perSampleState: false,
  counters: "text",
});

export const monet: Family = {
  ...vllm,
  dialects: { "monet-vllm": vllm, "monet-transformers": transformers },
};
