/** LanteRn (arXiv 2603.25629; docs/published-families.md §1): start marker, exactly K hidden states fed back, end marker forced. */
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { qwenUtils, visualTokenBounds } from "./images.ts";
import { inOrder, responseIn, tagged } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { Family } from "./types.ts";

const START = "<|lvr_start|>";
const SLOT = "<|lvr_sep|>";
const END = "<|lvr_end|>";
const order = [START, SLOT, END];
const MARKERS = {
  start: ["lvr_start_id", START],
  end: ["lvr_end_id", END],
  pad: ["lvr_sep_id", SLOT],
} as const;

export const lantern: Family = {
  name: "lantern",
  dialect: "lantern",
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    latent_size: k,
    lvr_start_id: startId,
    lvr_sep_id: padId,
    lvr_end_id: endId,
  }),
  detect: (config) => "latent_size" in config && "lvr_start_id" in config,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "LanteRn", order };
    const k = latentCount(config, "latent_size");
    return blockRules({ ...blockIds(sources, MARKERS), k });
  },
  content: inOrder,
  // Reasoning is within `<think>` around the blocks, as in the paper's targets. Examples without reasoning have blocks
  // and answer only, as in the paper's Tetris.
  response: responseIn({ before: START, after: END, open: "<think>", close: "</think>", answer: tagged }),
  // `extract_mc_answer` for its benchmarks, without option texts on V*, and a separate reader for Tetris
  ...answersBy("lantern", {
    vstar: "lantern-letter",
    tetris: "lantern-tetris",
    "lantern-tetris": "lantern-tetris",
  }),
  answerCue: "<answer>",
  pictures: {
    processor: visualTokenBounds(256, 3500),
    first: qwenUtils,
    helpersOnce: true,
    transparency: "drop",
    source: "LanteRn, src/models/__init__.py:45-52 and evals/viscot_blink_vstar_eval.py:104-180",
  },
  generation: { maxTokens: 512, sampling: "greedy" },
  compress: groupMeans,
};
