/**
 * ReaLVR (arXiv 2609.34563; docs/published-families.md §19.6): LVR's loop with a fixed number of latents; only the first start
 * marker of a text opens a block. Facts from xixiaouab/ReaLVR-code at cc314b7: realvr/model/qwen_lvr.py (loop),
 * realvr/train/train_sft.py (tokens, config.json), eval/evaluate.py (prompt, limits).
 */

import { answersBy } from "./answers.ts";
import { lvr } from "./lvr.ts";
import { imagesFirst, responseIn, tagged } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { Family } from "./types.ts";

const START = "<|lvr_start|>";
const SLOT = "<|lvr|>";
const END = "<|lvr_end|>";
const order = [START, SLOT, END];
const MARKERS = { start: ["lvr_start_id", START], end: ["lvr_end_id", END], pad: ["lvr_id", SLOT] } as const;

/** `--lvr_steps` of training and `--lvr-steps` of the evaluation. */
const STEPS = 8;

const { dialects: _, ...parent } = lvr;

export const realvr: Family = {
  ...parent,
  name: "realvr",
  dialect: "realvr",
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    lvr_start_id: startId,
    lvr_id: padId,
    lvr_end_id: endId,
    lvr_steps: k,
  }),
  // its training writes the three ids alone; LVR's also writes whether there is a head, or has a token more
  detect: (config, idOf) => "lvr_id" in config && !lvr.detect(config, idOf),
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "ReaLVR", order };
    return blockRules(
      { ...blockIds(sources, MARKERS), k: latentCount(config, "lvr_steps", STEPS) },
      { entry: "input", forceEnd: false, recordSampled: true, maxBlocks: 1, furtherStarts: "words" },
    );
  },
  content: imagesFirst(
    "\nAnswer with the option letter directly. Put the final answer in <answer>...</answer>.",
  ),
  response: responseIn({ before: START, after: END, open: "<think>", close: "</think>", answer: tagged }),
  ...answersBy("realvr"),
  pictures: {
    ...parent.pictures,
    source: "ReaLVR, eval/evaluate.py build_inputs (qwen_vl_utils, without --max-pixels)",
  },
  generation: { maxTokens: 128, sampling: "greedy; one answer per question" },
};
